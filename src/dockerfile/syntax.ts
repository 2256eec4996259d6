/**
 * The syntax of a Dockerfile: instructions and stages with their places, read as BuildKit's own parser reads them
 * (github.com/moby/buildkit, frontend/dockerfile/parser). What is wrong is listed, and the rest is read on.
 */
import { type Directive, escapeOf, readDirectives } from "./directive.ts";
import { type Instruction, readInstruction } from "./instruction.ts";
import { type Escape, readLogicalLine, splitLines } from "./line.ts";
import type { Problem, Report } from "./problem.ts";
import type { Range } from "./range.ts";
import { splitStages, type Stage } from "./stage.ts";

export interface Dockerfile {
  readonly directives: readonly Directive[];
  readonly escape: Escape;
  readonly instructions: readonly Instruction[];
  /** The ARG instructions before the first FROM. */
  readonly globalArguments: readonly Instruction[];
  readonly stages: readonly Stage[];
  readonly problems: readonly Problem[];
}

export const limits = {
  /** Of a file, in UTF-16 code units. The largest public Dockerfiles have some 100,000. */
  length: 1_048_576,
  /** Of a line, in bytes: BuildKit's own limit. */
  lineBytes: 65_535,
} as const;

/** Reads a Dockerfile. Never throws: see `problems`, and for what is too large or binary find them alone. */
export function parseDockerfile(text: string): Dockerfile {
  const problems: Problem[] = [];
  const report: Report = (kind, message, range) => problems.push({ kind, message, range });
  const refusal = refusalOf(text);
  if (refusal !== undefined) {
    report(refusal.kind, refusal.message, refusal.range);
    return { ...nothing, problems };
  }
  const lines = splitLines(text.replace(/^\uFEFF/, ""));
  const directives = readDirectives(lines, report);
  const escape = escapeOf(directives);
  const instructions = readInstructions(lines, escape, report);
  const { globalArguments, stages } = splitStages(instructions, report);
  if (instructions.length === 0) report("empty", "there is no instruction in it", firstLine);
  else if (stages.length === 0) report("empty", "there is no FROM in it", firstLine);
  return { directives, escape, instructions, globalArguments, stages, problems };
}

const firstLine: Range = { line: 1, column: 1, endLine: 1, endColumn: 1 };
const nothing = {
  directives: [],
  escape: "\\",
  instructions: [],
  globalArguments: [],
  stages: [],
} as const;

function readInstructions(
  lines: readonly string[],
  escape: Escape,
  report: Report,
): readonly Instruction[] {
  const instructions: Instruction[] = [];
  for (let index = 0; index < lines.length;) {
    const line = readLogicalLine(lines, index, escape);
    if (line === undefined) index += 1;
    else {
      const { instruction, next } = readInstruction(line, lines, escape, report);
      instructions.push(instruction);
      index = next;
    }
  }
  return instructions;
}

function refusalOf(text: string): Problem | undefined {
  if (text.length > limits.length) {
    const message = `it has more than ${limits.length} characters`;
    return { kind: "too-large", message, range: firstLine };
  }
  const binary = text.indexOf("\0");
  if (binary !== -1) {
    const before = text.slice(0, binary).split("\n");
    const place = placeOf(before.length, (before.at(-1) ?? "").length + 1);
    return { kind: "binary", message: "there is a NUL byte in it", range: place };
  }
  const long = text.split("\n").findIndex(isTooLong);
  if (long === -1) return undefined;
  const message = `a line has more than ${limits.lineBytes} bytes`;
  return { kind: "line-too-long", message, range: placeOf(long + 1, 1) };
}

/** With its line feed. The bytes are counted only where there can be too many. */
function isTooLong(line: string): boolean {
  return line.length * 3 >= limits.lineBytes && Buffer.byteLength(line) >= limits.lineBytes;
}

function placeOf(line: number, column: number): Range {
  return { line, column, endLine: line, endColumn: column };
}
