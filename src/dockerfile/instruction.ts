/** One instruction: its keyword, flags, words and heredocs, each with its place in the file. */
import { readExecForm } from "./exec-form.ts";
import { type Heredoc, openedHeredocs, readHeredoc } from "./heredoc.ts";
import { type Escape, type LogicalLine, rangeIn } from "./line.ts";
import type { Report } from "./problem.ts";
import { type Range, spanning } from "./range.ts";
import {
  type Flag,
  splitBlanks,
  splitFlags,
  splitKeyword,
  splitQuoted,
  type Stretch,
  textOf,
  type Word,
} from "./split.ts";

export interface Instruction {
  /** In capitals, as written or not. */
  readonly keyword: string;
  readonly keywordRange: Range;
  /** From the keyword to the end of the last line or heredoc. */
  readonly range: Range;
  readonly flags: readonly Flag[];
  /** What stands behind the flags as one line: continuations and the comments between them are taken off. */
  readonly text: string;
  /** Its words: the strings of the exec form, `name=value` of ARG, ENV and LABEL, else what blanks part. */
  readonly arguments: readonly Word[];
  /** Whether it is written in the exec form, `["cmd", "argument"]`. */
  readonly isExecForm: boolean;
  readonly heredocs: readonly Heredoc[];
  /** What ONBUILD holds back for the images that are built from this one. */
  readonly trigger?: Instruction;
  /** Where a stretch of `text` stands in the file. */
  readonly rangeOf: (start: number, end: number) => Range;
}

const keywords: ReadonlySet<string> = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);
const withExecForm: ReadonlySet<string> = new Set(
  "ADD CMD COPY ENTRYPOINT RUN SHELL VOLUME HEALTHCHECK".split(" "),
);
const withPairs: ReadonlySet<string> = new Set(["ARG", "ENV", "LABEL"]);
const withHeredocs: ReadonlySet<string> = new Set(["ADD", "COPY", "RUN"]);

/** Reads the instruction of a logical line, with the heredocs in the lines behind it; `next` is the first line after them. */
export function readInstruction(
  line: LogicalLine,
  lines: readonly string[],
  escape: Escape,
  report: Report,
): { readonly instruction: Instruction; readonly next: number } {
  const whole = { line, start: 0, end: line.text.length };
  const instruction = readStretch(whole, escape, report);
  const owner = instruction.trigger ?? instruction;
  if (!withHeredocs.has(owner.keyword) || owner.isExecForm) return { instruction, next: line.next };
  const { heredocs, next } = readHeredocs(line, lines, report);
  const last = heredocs.at(-1);
  if (last === undefined) return { instruction, next };
  const ending = lines[next - 1] ?? "";
  const end = { line: next, column: 1, endLine: next, endColumn: ending.trimEnd().length + 1 };
  const range = spanning(instruction.range, end);
  const trigger = instruction.trigger && {
    ...instruction.trigger,
    heredocs,
    range: spanning(instruction.trigger.range, end),
  };
  return { instruction: { ...instruction, heredocs, range, ...(trigger && { trigger }) }, next };
}

function readStretch(stretch: Stretch, escape: Escape, report: Report): Instruction {
  const { keyword: word, rest: behind } = splitKeyword(stretch);
  const keyword = word.text.toUpperCase();
  const { flags, rest } = splitFlags(behind, escape);
  const { line } = stretch;
  if (!keywords.has(keyword)) {
    report("unknown-instruction", `there is no instruction ${shortened(word.text)}`, word.range);
  }
  const exec = withExecForm.has(keyword) ? readExec(keyword, rest, report) : undefined;
  const trigger = keyword === "ONBUILD" ? readTrigger(rest, escape, report) : undefined;
  return {
    keyword,
    keywordRange: word.range,
    range: spanning(word.range, rangeIn(line, stretch.start, Math.max(rest.end, behind.start))),
    flags,
    text: textOf(rest),
    arguments: exec ?? (withPairs.has(keyword) ? splitQuoted(rest, escape) : splitBlanks(rest)),
    isExecForm: exec !== undefined,
    heredocs: [],
    ...(trigger === undefined ? {} : { trigger }),
    rangeOf: (start, end) =>
      rangeIn(line, rest.start + start, Math.min(rest.start + end, rest.end)),
  };
}

/** The exec form of HEALTHCHECK stands behind its CMD. */
function readExec(keyword: string, rest: Stretch, report: Report): readonly Word[] | undefined {
  return readExecForm(keyword === "HEALTHCHECK" ? splitKeyword(rest).rest : rest, report);
}

function readTrigger(rest: Stretch, escape: Escape, report: Report): Instruction | undefined {
  const { keyword } = splitKeyword(rest);
  const name = keyword.text.toUpperCase();
  if (name === "") {
    report("onbuild", "ONBUILD holds no instruction", keyword.range);
    return undefined;
  }
  if (["ONBUILD", "FROM", "MAINTAINER"].includes(name)) {
    report("onbuild", `ONBUILD cannot hold ${name}`, keyword.range);
    return undefined;
  }
  return readStretch(rest, escape, report);
}

function readHeredocs(line: LogicalLine, lines: readonly string[], report: Report) {
  const heredocs: Heredoc[] = [];
  let { next } = line;
  for (const opening of openedHeredocs(line)) {
    const read = readHeredoc(opening, lines, next);
    heredocs.push(read.heredoc);
    if (read.next === undefined) {
      const name = shortened(opening.name);
      report("heredoc", `the heredoc ${name} has no line ${name} that ends it`, opening.range);
      return { heredocs, next: lines.length };
    }
    ({ next } = read);
  }
  return { heredocs, next };
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
