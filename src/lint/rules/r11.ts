/** An automatic variable is used where it is not declared. */
import { formatPlatform } from "../../platform/platform.ts";
import { platformVariables } from "../../dockerfile/scope.ts";
import { expand } from "../../dockerfile/variables.ts";
import type { Range } from "../../dockerfile/range.ts";
import { isAutomatic, Texts } from "../scope.ts";
import type { InstructionView, StageView } from "../view.ts";
import type { Finding, Rule } from "./rule.ts";

export const r11: Rule = {
  id: "R11",
  title: "An automatic variable is used in a stage that does not declare it",
  what: "`$TARGETARCH` and its sisters in a stage that has no `ARG TARGETARCH` before, and is built upon none that has.",
  why: "BuildKit sets these variables for `FROM` alone; a stage has them after it declared them. Without that they are empty, or are the default that stands beside them (`${TARGETARCH:-amd64}`), on every platform.",
  bad: "FROM alpine\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  good: "FROM alpine\nARG TARGETARCH\nRUN wget https://example.org/tool-linux-$TARGETARCH -O /bin/tool",
  failure: "wget: server returned error: HTTP/1.1 404 Not Found",
  blind:
    'An image, or a file that a script sources, that sets such a variable; programs that read it from their environment; `[ -z "$TARGETARCH" ]` and a default that is computed (`${TARGETARCH:-$(dpkg --print-architecture)}`); a variable that would be empty anyway, as `TARGETVARIANT` is on linux/amd64.',
  check({ stages, dockerfile, target, builder }) {
    const platform = formatPlatform(target);
    const values: ReadonlyMap<string, string> = new Map<string, string>([
      ...platformVariables("TARGET", target),
      ...platformVariables("BUILD", builder),
    ]);
    // TARGETVARIANT is empty on most platforms anyway.
    const isMissed = ({ name }: Use) => values.get(name) !== "";
    return stages.flatMap((stage) =>
      stage.instructions.flatMap((step) =>
        usesIn(step, dockerfile.escape)
          .filter(isMissed)
          .map(({ name, range }): Finding => ({
            severity: "error",
            range,
            message: `${name} is not declared in this stage, so it has no value, on ${platform} as elsewhere.`,
            hint: `Declare it before: ARG ${name}`,
            edits: [declaration(stage, name)],
          })),
      ),
    );
  },
};

interface Use {
  readonly name: string;
  readonly range: Range;
}

function usesIn(
  { instruction, variables, run }: InstructionView,
  escape: "\\" | "`",
): readonly Use[] {
  if (run !== undefined) {
    return run.unset
      .filter(({ name }) => isAutomatic(name))
      .map(({ name, start, end }) => ({ name, range: run.rangeOf(start, end) }));
  }
  if (!expanding.has(instruction.keyword) || instruction.isExecForm) return [];
  const texts = new Texts(variables);
  return instruction.arguments.flatMap(({ text, range }) =>
    [...expand(text, texts, escape).unset].filter(isAutomatic).map((name) => ({ name, range })),
  );
}

/** The instructions whose words BuildKit expands (https://docs.docker.com/reference/dockerfile/#environment-replacement). */
const expanding: ReadonlySet<string> = new Set(
  "ADD ARG COPY ENV EXPOSE LABEL STOPSIGNAL USER VOLUME WORKDIR".split(" "),
);

/** A line of its own behind the stage's FROM. */
function declaration({ resolved }: StageView, name: string) {
  const { endLine, endColumn } = resolved.stage.from.range;
  const range = { line: endLine, column: endColumn, endLine, endColumn };
  return { range, text: `\nARG ${name}` };
}
