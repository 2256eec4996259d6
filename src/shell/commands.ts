/** The simple commands of a shell's text, those in `$(…)` included, one after the other. Nothing is run or expanded. */
import type { SimpleCommand } from "./node.ts";
import { parseShell } from "./syntax.ts";
import type { ShellWord } from "./token.ts";

/** In `depth` the substitutions that it stands in count as well. */
export type ShellCommand = Omit<SimpleCommand, "kind">;

export interface ShellText {
  readonly commands: readonly ShellCommand[];
  /** Whether all of it was understood, and is no more than commands: no functions, no arrays. */
  readonly isComplete: boolean;
}

/** No text that people write nests deeper. */
const deepest = 12;

export function readShell(text: string): ShellText {
  return readStretch(text, 0, 0);
}

/** The commands of a text that stands at that offset in another one. */
function readStretch(text: string, offset: number, depth: number): ShellText {
  if (depth > deepest) return { commands: [], isComplete: false };
  const { commands: own, tokens, isComplete, hasDefinitions } = parseShell(text, depth);
  const commands = own.map((command) => shifted(command, offset));
  let isWhole = isComplete && !hasDefinitions;
  for (const token of tokens) {
    if (token.kind !== "word") continue;
    for (const { start, end } of token.substitutions) {
      const inner = readStretch(text.slice(start, end), offset + start, depth + 1);
      commands.push(...inner.commands);
      isWhole &&= inner.isComplete;
    }
  }
  return { commands: commands.toSorted((one, two) => one.start - two.start), isComplete: isWhole };
}

function shifted(command: SimpleCommand, offset: number): ShellCommand {
  if (offset === 0) return command;
  const move = (word: ShellWord): ShellWord => ({
    ...word,
    start: word.start + offset,
    end: word.end + offset,
    substitutions: word.substitutions.map(({ start, end }) => ({
      start: start + offset,
      end: end + offset,
    })),
  });
  return {
    ...command,
    words: command.words.map(move),
    assignments: command.assignments.map(move),
    redirections: command.redirections.map(({ sign, to }) => ({ sign, to: move(to) })),
    start: command.start + offset,
    end: command.end + offset,
  };
}
