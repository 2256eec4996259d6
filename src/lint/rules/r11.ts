/** An automatic variable is used where it is not declared. */
import type { Escape } from "../../dockerfile/line.ts";
import { mountsOf } from "../../dockerfile/mount.ts";
import { type Pair, pairsOf } from "../../dockerfile/pair.ts";
import type { Range } from "../../dockerfile/range.ts";
import { expand } from "../../dockerfile/variables.ts";
import { formatPlatform } from "../../platform/platform.ts";
import { declarationIn } from "../declaration.ts";
import { automaticValues, isAutomatic, Texts } from "../scope.ts";
import type { Step } from "../step.ts";
import type { Finding, Rule } from "./rule.ts";

export const r11: Rule = {
  id: "R11",
  title: "An automatic variable is used in a stage that does not declare it",
  what: "`$TARGETARCH` and its sisters in a stage that has no `ARG TARGETARCH` before, and is built upon none that has: in the words of `RUN`, `COPY`, `ENV` and all others that expand variables, and in the options of a mount.",
  why: "BuildKit sets these variables for `FROM` alone; a stage has them after it declared them, and an `ARG TARGETARCH` before the first `FROM` is no declaration for the stages. Without one they are empty, or are the default that stands beside them (`${TARGETARCH:-amd64}`), on every platform.",
  bad: "FROM alpine\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  good: "FROM alpine\nARG TARGETARCH\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  failure: "wget: server returned error: HTTP/1.1 404 Not Found",
  blind:
    "An image that sets such a variable itself; programs that read it from their environment; scripts that are not understood as a whole, and what stands behind `. file` in one; the text of a heredoc that `COPY` writes. A use that only asks whether the variable is empty, one whose default is a variable or a command (`${TARGETARCH:-$(uname -m)}`), and one that is empty on that platform anyway, as `TARGETVARIANT` is on linux/arm64, is none.",
  check({ stages, dockerfile, target, builder }) {
    const platform = formatPlatform(target);
    const values = automaticValues({ target, builder });
    return stages.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        firstOfEach(wrongUsesIn(step, dockerfile.escape, values)).map(
          ({ name, range, fallback = "" }): Finding => {
            const instead = fallback === "" ? "it is empty" : `"${fallback}" stands for it`;
            return {
              severity: "error",
              range,
              message: `${name} is not declared before this in its stage, so ${instead}, on ${platform} as elsewhere.`,
              mayFail: consequenceOf(step),
              hint: `Declare it before: ARG ${name}`,
              edits: declarationIn(step, name),
            };
          },
        ),
      ),
    );
  },
};

/** What is fetched by an empty word is not there; what is compiled by it is for another machine. */
function consequenceOf({ programs }: Step): string {
  const names = new Set(programs.map(({ name }) => name));
  if (names.has("curl")) return "curl: (22) The requested URL returned error: 404";
  return names.has("wget") ? "ERROR 404: Not Found." : "exec format error";
}

interface Use {
  readonly name: string;
  readonly range: Range;
  /** What stands for it where it has no value: `${NAME:-fallback}`. */
  readonly fallback?: string | undefined;
}

/** Those that do not have the value that BuildKit would set all the same, nor one of another command's or variable's. */
function wrongUsesIn(
  step: Step,
  escape: Escape,
  values: ReadonlyMap<string, string>,
): readonly Use[] {
  return usesIn(step, escape).filter(
    ({ name, fallback = "" }) => values.get(name) !== fallback && !/[$`]/.test(fallback),
  );
}

function usesIn(step: Step, escape: Escape): readonly Use[] {
  const { instruction, variables, run, scripts } = step;
  const texts = new Texts(variables);
  const usesOf = (text: string, range: Range): readonly Use[] =>
    [...expand(text, texts, escape).unset]
      .filter(isAutomatic)
      .map((name) => ({ name, range, fallback: fallbackIn(text, name) }));
  if (instruction.keyword === "RUN") {
    const mounts = mountsOf(instruction).flatMap(({ options, range }) =>
      [...options.values()].flatMap((text) => usesOf(text, range)),
    );
    const runs = run === undefined ? [] : [run, ...scripts];
    return [...mounts, ...runs.flatMap(usesInScript)];
  }
  if (instruction.keyword === "ARG") {
    const isOther = ({ name }: Use, pair: Pair) => name !== pair.name;
    // `ARG TARGETARCH=${TARGETARCH:-amd64}` is R1's.
    return pairsOf(instruction).flatMap((pair) =>
      usesOf(pair.value ?? "", pair.range).filter((use) => isOther(use, pair)),
    );
  }
  if (!expanding.has(instruction.keyword)) return [];
  return instruction.arguments.flatMap(({ text, range }) => usesOf(text, range));
}

/** The instructions whose words BuildKit expands (https://docs.docker.com/reference/dockerfile/#environment-replacement). */
const expanding: ReadonlySet<string> = new Set(
  "ADD COPY ENV EXPOSE LABEL STOPSIGNAL USER VOLUME WORKDIR".split(" "),
);

function usesInScript({
  unset,
  text,
  rangeOf,
  isComplete,
}: NonNullable<Step["run"]>): readonly Use[] {
  if (!isComplete) return [];
  return unset
    .filter(({ name }) => isAutomatic(name))
    .map(({ name, start, end }) => {
      const fallback = fallbackIn(text.slice(start, end), name);
      return { name, range: rangeOf(start, end), fallback };
    });
}

function fallbackIn(text: string, name: string): string | undefined {
  const start = text.search(new RegExp(String.raw`\$\{${name}:?-`));
  return start === -1
    ? undefined
    : /^[^-]*-((?:\$\{[^}]*\}|[^}])*)\}/s.exec(text.slice(start))?.[1];
}

function firstOfEach(uses: readonly Use[]): readonly Use[] {
  return [...new Map(uses.toReversed().map((use) => [use.name, use])).values()].toReversed();
}
