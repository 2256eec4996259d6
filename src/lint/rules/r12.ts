/** The machine that builds is asked what to compile or to download for. */
import { formatPlatform } from "../../platform/platform.ts";
import { compilesFor } from "../compile/for-image.ts";
import { downloadsFor } from "../download/for-image.ts";
import type { Finding, Rule } from "./rule.ts";

export const r12: Rule = {
  id: "R12",
  title: "A $BUILDPLATFORM stage asks the machine for its architecture",
  what: "`uname -m`, `dpkg --print-architecture`, `apk --print-arch`, `go env GOARCH` and their like in a stage with `--platform=$BUILDPLATFORM`, where a compiler or a download is told their answer and the image gets the result.",
  why: "On `$BUILDPLATFORM` they name the machine that builds. What is compiled or fetched by that name is right on a builder of the target's own architecture, and wrong on any other.",
  bad: 'FROM --platform=$BUILDPLATFORM golang AS build\nWORKDIR /src\nCOPY . .\nRUN GOARCH=$(dpkg --print-architecture) go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]',
  good: 'FROM --platform=$BUILDPLATFORM golang AS build\nARG TARGETARCH\nWORKDIR /src\nCOPY . .\nRUN GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]',
  failure: "exec /app: exec format error",
  blind:
    "Tools that are fetched for the machine that builds, and stay in their stage: for them the question is right.",
  check(view) {
    const platform = formatPlatform(view.target);
    const builder = formatPlatform(view.builder);
    const compiled = compilesFor(view).flatMap(({ compile: { told, tool, architecture } }) =>
      told?.asked === undefined || architecture === undefined
        ? []
        : [asked(told.range, `${tool} is told`, told.asked)],
    );
    const fetched = downloadsFor(view).flatMap(({ asked: question, range, vendor }) =>
      question === undefined || vendor !== undefined
        ? []
        : [asked(range, "This is downloaded by", question)],
    );
    return [...compiled, ...fetched];

    function asked(range: Finding["range"], what: string, question: string): Finding {
      return {
        severity: "error",
        range,
        message: `${what} the answer of ${question}, which names the machine that builds: built for ${platform} on ${builder}, the image gets a program for ${builder}.`,
        failure: "exec format error",
        hint: "Use $TARGETARCH, declared by ARG TARGETARCH.",
      };
    }
  },
};
