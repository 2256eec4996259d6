/** A default for an automatic variable takes its place. */
import { pairsOf } from "../../dockerfile/pair.ts";
import type { Instruction } from "../../dockerfile/instruction.ts";
import { formatPlatform } from "../../platform/platform.ts";
import { platformVariables } from "../../dockerfile/scope.ts";
import { hole } from "../../shell/value.ts";
import { declared, isAutomatic, type Variables } from "../scope.ts";
import type { TargetView } from "../view.ts";
import type { Finding, Rule } from "./rule.ts";

export const r1: Rule = {
  id: "R1",
  title: "A default shadows an automatic variable",
  what: "`ARG TARGETARCH=amd64`, and the same of `TARGETPLATFORM`, `TARGETOS`, `TARGETVARIANT` and of their `BUILD…` sisters, in a stage or before the first `FROM`, where the default differs from the value that BuildKit would set.",
  why: "BuildKit sets these variables itself, but a default that is written in the Dockerfile goes before its value. The variable then is the same on every platform, and whatever is downloaded or compiled by it is for one of them only.",
  bad: "FROM alpine\nARG TARGETARCH=amd64\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  good: "FROM alpine\nARG TARGETARCH\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  failure: "exec /bin/tool: exec format error",
  blind:
    "A value that comes from `--build-arg`; `ARG BUILDPLATFORM=linux/amd64` before the first `FROM`, which has the stages that build emulated elsewhere; a default that is the same as BuildKit's value on every platform that was asked for, such as `ARG TARGETOS=linux`.",
  check(view) {
    const { dockerfile, globals } = view;
    const values = new Map([...globals.variables].map(([name, text]) => [name, { text }]));
    // Whoever sets the platform of all stages that build has them emulated elsewhere, and nothing breaks.
    values.delete("BUILDPLATFORM");
    const before = dockerfile.globalArguments.flatMap((instruction) =>
      shadows(instruction, values, view),
    );
    const within = view.stages.flatMap(({ instructions }) =>
      instructions.flatMap(({ instruction, variables }) => {
        const after = declared(instruction, variables, globals, dockerfile.escape);
        return instruction.keyword === "ARG" ? shadows(instruction, after, view) : [];
      }),
    );
    return [...before, ...within];
  },
};

function shadows(instruction: Instruction, after: Variables, view: TargetView): readonly Finding[] {
  const own = automaticValues(view);
  return pairsOf(instruction).flatMap(({ name, value, range }): readonly Finding[] => {
    const text = after.get(name)?.text;
    const real = own.get(name);
    if (!isAutomatic(name) || value === undefined || text === undefined || text.includes(hole))
      return [];
    if (real === undefined || real === text) return [];
    const platform = formatPlatform(view.target);
    return [
      {
        severity: "error",
        range,
        message: `The default takes the place of BuildKit's own value: built for ${platform}, ${name} is "${text}" and not "${real}".`,
        hint: `Declare it without a default: ARG ${name}`,
        edits: [{ range, text: name }],
      },
    ];
  });
}

/** What BuildKit would set. */
function automaticValues({ target, builder }: TargetView): ReadonlyMap<string, string> {
  return new Map([...platformVariables("TARGET", target), ...platformVariables("BUILD", builder)]);
}
