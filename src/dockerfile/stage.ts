/** A stage: what FROM begins, up to the next one. */
import type { Instruction } from "./instruction.ts";
import type { Report } from "./problem.ts";
import type { Flag, Word } from "./split.ts";

export interface Stage {
  readonly index: number;
  /** In lower case, as the builder compares it. */
  readonly name?: string;
  readonly from: Instruction;
  /** What it starts from, its variables not yet replaced. */
  readonly image: Word;
  /** FROM's `--platform`. */
  readonly platform?: Flag;
  /** Those behind FROM. */
  readonly instructions: readonly Instruction[];
}

/** The instructions by stage, and those before the first one, of which only ARG may stand there. */
export function splitStages(instructions: readonly Instruction[], report: Report) {
  const starts = instructions.flatMap(({ keyword }, at) => (keyword === "FROM" ? [at] : []));
  const first = starts[0] ?? instructions.length;
  for (const { keyword, range } of instructions.slice(0, first)) {
    if (keyword !== "ARG") report("before-from", `${keyword} stands before the first FROM`, range);
  }
  const globalArguments = instructions.slice(0, first).filter(({ keyword }) => keyword === "ARG");
  const stages = starts.flatMap((start, index) => {
    const from = instructions[start];
    const own = instructions.slice(start + 1, starts[index + 1]);
    return from === undefined ? [] : [readStage(index, from, own, report)];
  });
  return { globalArguments, stages };
}

function readStage(
  index: number,
  from: Instruction,
  instructions: readonly Instruction[],
  report: Report,
): Stage {
  const [image = { text: "", range: from.range }, as, name, ...more] = from.arguments;
  const isNamed = as?.text.toLowerCase() === "as" && name !== undefined && more.length === 0;
  if (image.text === "" || (as !== undefined && !isNamed)) {
    report("from", "FROM takes an image, or an image AS a name", from.range);
  }
  const lower = isNamed ? name.text.toLowerCase() : undefined;
  if (lower !== undefined && !/^[a-z][\w.-]*$/.test(lower)) {
    report(
      "from",
      "a stage's name is a letter, then letters, digits, - _ and .",
      name?.range ?? from.range,
    );
  }
  const platform = from.flags.find((flag) => flag.name === "platform");
  for (const flag of from.flags) {
    if (flag.name !== "platform" || flag.value === undefined) {
      report("flag", `FROM does not take --${flag.name} like this`, flag.range);
    }
  }
  return {
    index,
    ...(lower === undefined ? {} : { name: lower }),
    from,
    image,
    ...(platform === undefined ? {} : { platform }),
    instructions,
  };
}
