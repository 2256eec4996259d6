/** Where in the Dockerfile a build failed. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { Range } from "../../dockerfile/range.ts";
import { parseVertexName } from "../../dockerfile/steps.ts";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import type { Facts } from "../../errors.ts";
import type { FailedBuild } from "./failed-build.ts";
import { plainLine } from "./plain.ts";

export interface Place {
  /** The Dockerfile, or as much of it as BuildKit showed; its lines have their numbers. */
  readonly text: string;
  readonly range: Range;
  /** How many lines before it are known, where not all are. */
  readonly context?: number;
}

/** What failed, as exactly as it is known; `undefined` where it has no place in the Dockerfile. */
export function placeOf(failed: FailedBuild, facts: Facts): Place | undefined {
  const place = shownPlace(failed) ?? foundPlace(failed, facts);
  return place && { ...place, range: narrowed(place, facts) };
}

/**
 * The lines that BuildKit shows itself, those that failed behind `>>>` (moby/buildkit, `solver/errdefs/source.go`). It shows what it
 * built, whatever became of the file since, and few lines around it.
 */
function shownPlace({ words, source }: FailedBuild): Place | undefined {
  const shown = [...words.matchAll(/^ *(\d+) \| (>>>| {3}) ?(.*)$/gm)].map(
    ([, number = "", mark, line = ""]) => ({
      number: Number(number),
      isMarked: mark === ">>>",
      line,
    }),
  );
  // Where an error has several places, the last one is the outermost.
  const start = shown.findLastIndex(
    ({ number }, at) => number <= (shown[at - 1]?.number ?? Infinity),
  );
  const lines = shown.slice(Math.max(0, start));
  const [first, last] = [lines.find(isMarked), lines.findLast(isMarked)];
  if (first === undefined || last === undefined) return undefined;
  const range = wholeLines(first, last);
  const written = source?.split("\n").map(plainLine);
  const isSame = ({ number, line }: ShownLine) => written?.[number - 1] === line.trimEnd();
  if (written !== undefined && lines.every(isSame)) return { text: written.join("\n"), range };
  const before = (lines[0]?.number ?? 1) - 1;
  return {
    text: "\n".repeat(before) + lines.map(({ line }) => line).join("\n"),
    range,
    context: Math.min(2, range.line - 1 - before),
  };
}

interface ShownLine {
  readonly number: number;
  readonly line: string;
  readonly isMarked: boolean;
}

function isMarked(line: ShownLine): boolean {
  return line.isMarked;
}

function wholeLines(first: ShownLine, last: ShownLine): Range {
  return {
    line: first.number,
    column: first.line.length - first.line.trimStart().length + 1,
    endLine: last.number,
    endColumn: last.line.trimEnd().length + 1,
  };
}

/** BuildKit names no place where it fetches for ADD, or where a step wants what was not given: the step's name leads to it. */
function foundPlace({ source, step }: FailedBuild, facts: Facts): Place | undefined {
  if (source === undefined) return undefined;
  const { instructions } = parseDockerfile(source);
  const named = step === undefined ? "" : normal(parseVertexName(step.name).command);
  const isNamed = (one: Instruction) => named !== "" && normal(asNamed(one)) === named;
  const sought = soughtIn(facts).filter((text) => text.length > 2);
  const found =
    instructions.find(isNamed) ??
    instructions.find((one) => sought.some((text) => asNamed(one).includes(text)));
  return found && { text: source, range: found.range };
}

/** The instruction on one line, as BuildKit names a step by it. */
function asNamed({ keyword, flags, text }: Instruction): string {
  const shown = flags.map(({ name, value }) =>
    value === undefined ? `--${name}` : `--${name}=${value}`,
  );
  return [keyword, ...shown, text].join(" ");
}

function normal(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** The facts that may stand in the Dockerfile as they are, the most exact first. */
const placed = [
  "file",
  "program",
  "package",
  "image",
  "address",
  "secret",
  "context",
  "user",
  "entitlement",
  "shell",
  "problem",
] as const;

function soughtIn(facts: Facts): readonly string[] {
  return placed
    .flatMap((name) => {
      const fact = facts[name];
      return typeof fact === "string" ? writtenAs(name, fact) : [];
    })
    .filter((text) => text !== "");
}

/** How a Dockerfile may say it. */
function writtenAs(name: (typeof placed)[number], fact: string): readonly string[] {
  // A path is told from the root of its source.
  if (name === "file") return [fact, fact.replace(/^\//, "")];
  if (name === "image") return [fact, fact.replace(/:latest$/, "")];
  if (name === "entitlement") return [`--${fact.replace(".", "=")}`];
  // A parser's problem ends with what it stumbled over; of a flag it may leave out the dashes.
  if (name === "problem") {
    const last = /: (-{0,2}[\w.:/-]+)(?: \(.*)?$/.exec(fact)?.[1] ?? "";
    return fact.includes("unknown flag") ? [last, `--${last}`] : [last];
  }
  return [fact];
}

/** The one word of the lines that is meant, where a fact of the error stands in them. */
function narrowed({ text, range }: Place, facts: Facts): Range {
  const lines = text.split("\n");
  for (const sought of soughtIn(facts)) {
    for (let line = range.line; line <= range.endLine; line += 1) {
      const at = indexOfWord(lines[line - 1] ?? "", sought);
      if (at !== -1) {
        return { line, column: at + 1, endLine: line, endColumn: at + 1 + sought.length };
      }
    }
  }
  return range;
}

/** Where the text stands for itself, and not within a longer word. */
function indexOfWord(line: string, sought: string): number {
  for (let at = line.indexOf(sought); at !== -1; at = line.indexOf(sought, at + 1)) {
    const [before = "", after = ""] = [line[at - 1], line[at + sought.length]];
    if (!/[\w-]/.test(before) && !/[\w-]/.test(after)) return at;
  }
  return -1;
}
