/** A default for an automatic variable takes its place. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { type Pair, pairsOf } from "../../dockerfile/pair.ts";
import { formatPlatform, readPlatform, samePlatform } from "../../platform/platform.ts";
import { hole } from "../../shell/value.ts";
import { automaticValues, isAutomatic, type Variables } from "../scope.ts";
import type { TargetView } from "../view.ts";
import type { Finding, Rule } from "./rule.ts";

export const r1: Rule = {
  id: "R1",
  title: "A default shadows an automatic variable",
  what: "`ARG TARGETARCH=amd64`, and the same of `TARGETPLATFORM`, `TARGETOS`, `TARGETVARIANT` and of their `BUILD…` sisters, in a stage, in an `ONBUILD` that a stage of the file is built upon, or before the first `FROM`, where the default differs from the value that BuildKit would set. Of the `BUILD…` variables it is a warning: what they say of the machine that builds is then true of one machine only.",
  why: "BuildKit sets these variables itself, but a default that is written in the Dockerfile goes before its value. The variable then is the same on every platform, and whatever is downloaded or compiled by it is for one of them only.",
  bad: "FROM alpine\nARG TARGETARCH=amd64\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  good: "FROM alpine\nARG TARGETARCH\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  failure: "exec /bin/tool: exec format error",
  blind:
    "A value that comes from `--build-arg`; `ARG BUILDPLATFORM=linux/amd64` before the first `FROM`, which has the stages that build emulated elsewhere; `ENV TARGETARCH=amd64`, which is said on purpose; a default that is the same as BuildKit's value on every platform that was asked for, such as `ARG TARGETOS=linux`.",
  check(view) {
    const { dockerfile, globals } = view;
    const values = new Map([...globals.variables].map(([name, text]) => [name, { text }]));
    // Whoever sets the platform of all stages that build has them emulated elsewhere, and nothing breaks.
    values.delete("BUILDPLATFORM");
    const before = dockerfile.globalArguments.flatMap((instruction) =>
      shadows(instruction, values, view),
    );
    const within = view.stages.flatMap(({ steps }) =>
      steps.flatMap(({ instruction, after }) =>
        instruction.keyword === "ARG" ? shadows(instruction, after, view) : [],
      ),
    );
    return [...before, ...within];
  },
};

function shadows(instruction: Instruction, after: Variables, view: TargetView): readonly Finding[] {
  return pairsOf(instruction).flatMap((pair): readonly Finding[] => {
    const { name, value, range } = pair;
    if (!isAutomatic(name) || value === undefined || view.buildArgs.has(name)) return [];
    const text = after.get(name)?.text;
    if (text === undefined || text.includes(hole)) return [];
    const other = otherValue(pair, text, view);
    if (other === undefined) return [];
    return [
      {
        severity: name.startsWith("TARGET") ? "error" : "warning",
        range,
        message: `The default takes the place of BuildKit's own value: ${other.where}, ${name} is "${text}" and not "${other.value}".`,
        ...(name.startsWith("TARGET") ? { mayFail: "exec format error" } : {}),
        hint: `Declare it without a default: ARG ${name}`,
        edits: [{ range, text: name }],
      },
    ];
  });
}

/** The value that BuildKit would set in place of that text, and where; undefined where it would be the same. */
function otherValue(
  { name, value }: Pair,
  text: string,
  { target, builder }: TargetView,
): { readonly where: string; readonly value: string } | undefined {
  const own = automaticValues({ target, builder }).get(name) ?? "";
  const isTarget = name.startsWith("TARGET");
  const where = isTarget ? `built for ${formatPlatform(target)}` : onMachine(builder);
  if (!isSame(own, text)) return { where, value: own };
  if (isTarget || value?.includes("$") === true) return undefined;
  // A fixed text is right on the machine that we took to build, and wrong on the next.
  const next = automaticValues({ target, builder: target }).get(name) ?? "";
  return isSame(next, text) ? undefined : { where: onMachine(target), value: next };
}

function onMachine(platform: TargetView["builder"]): string {
  return `on a machine that is ${formatPlatform(platform)}`;
}

/** `linux/arm64/v8` is `linux/arm64`. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  if (!one.includes("/") || !other.includes("/")) return false;
  const [first, second] = [readPlatform(one), readPlatform(other)];
  return first !== undefined && second !== undefined && samePlatform(first, second);
}
