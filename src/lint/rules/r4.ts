/** A stage of the builder's compiles for the builder. */
import { formatPlatform } from "../../platform/platform.ts";
import { withoutCgo } from "../compile/cgo.ts";
import { compilesFor } from "../compile/for-image.ts";
import type { Finding, Rule } from "./rule.ts";

export const r4: Rule = {
  id: "R4",
  title: "A $BUILDPLATFORM stage compiles for the builder, and the image gets it",
  what: "`go build`, `cargo build`, `gcc`, `zig build`, `deno compile` and their like in a stage with `--platform=$BUILDPLATFORM` that are told no architecture, where the image gets what they make. Go that is told one, and has no C compiler for it: with `CGO_ENABLED=1`, or for a module of `go.mod` that is nothing without cgo.",
  why: "On `$BUILDPLATFORM` a compiler runs natively, and makes programs for the machine that it runs on unless it is told otherwise. On a builder of the target's own architecture all is well, so the mistake is found on the first other one.",
  bad: 'FROM --platform=$BUILDPLATFORM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]',
  good: 'FROM --platform=$BUILDPLATFORM golang AS build\nARG TARGETOS TARGETARCH\nWORKDIR /src\nCOPY . .\nRUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]',
  failure: "exec /app: exec format error",
  blind:
    "What `make`, `npm run` or a script in the context starts; modules that need cgo and are not in its list; programs that the image does not get by a path that can be followed.",
  check(view) {
    const native = compilesFor(view).flatMap(({ compile, platform }): readonly Finding[] => {
      if (compile.architecture !== "native") return [];
      const { tool, program, remedy } = compile;
      const { platform: own = view.builder, isBuilders } = program.step.stage;
      const machine = formatPlatform(own);
      return [
        {
          severity: "error",
          range: program.rangeOf(program.word),
          message: `${tool} runs on ${isBuilders ? "the machine that builds" : machine} and is told no other: built for ${formatPlatform(platform)}${isBuilders ? ` on ${machine}` : ""}, the image gets a program for ${machine}.`,
          failure: "exec format error",
          hint: `Compile for the target: ${remedy}`,
        },
      ];
    });
    return [...native, ...withoutCgo(view)];
  },
};
