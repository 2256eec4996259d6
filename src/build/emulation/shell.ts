/** The simple commands of a shell's text, those in `$(…)` included (POSIX.1-2017, XCU 2.9). Nothing is run or expanded. */
import { readTokens, type ShellWord, type Token } from "./token.ts";

export interface ShellCommand {
  /** The program and its arguments. */
  readonly words: readonly ShellWord[];
  /** `NAME=value` before the program. */
  readonly assignments: readonly ShellWord[];
  /** What `>` and its like write to and read from. */
  readonly redirections: readonly { readonly sign: string; readonly to: ShellWord }[];
  readonly start: number;
  readonly end: number;
  /** The operator before it; empty for the first. */
  readonly before: string;
  /** The operator behind it; empty for the last. */
  readonly after: string;
  /** How many compound commands and substitutions it stands in. */
  readonly depth: number;
}

export interface ShellText {
  readonly commands: readonly ShellCommand[];
  /** Whether all of it was understood. */
  readonly isComplete: boolean;
}

/** No text that people write nests deeper. */
const deepest = 12;

const openers: ReadonlySet<string> = new Set(["if", "while", "until", "{"]);
const middles: ReadonlySet<string> = new Set(["then", "else", "elif", "do", "!"]);
const closers: ReadonlySet<string> = new Set(["fi", "done", "esac", "}"]);

export function readShell(text: string): ShellText {
  return readStretch(text, 0, 0);
}

/** The commands of a text that stands at that offset in another one. */
function readStretch(text: string, offset: number, depth: number): ShellText {
  if (depth > deepest) return { commands: [], isComplete: false };
  const { tokens, isComplete } = readTokens(text);
  const reader = new Reader(depth);
  let isWhole = isComplete && tokens.every((token) => reader.take(token));
  isWhole = reader.finish() && isWhole;
  const commands = reader.commands.map((command) => shifted(command, offset));
  for (const token of tokens) {
    if (token.kind !== "word") continue;
    for (const { start, end } of token.substitutions) {
      const inner = readStretch(text.slice(start, end), offset + start, depth + 1);
      commands.push(...inner.commands);
      isWhole &&= inner.isComplete;
    }
  }
  return {
    commands: commands.toSorted((one, other) => one.start - other.start),
    isComplete: isWhole,
  };
}

/** What is expected next: a command; the words of `for x in …`; the word of `case`; a pattern of it; the test in `[[ ]]`. */
type Mode = "command" | "for" | "case" | "pattern" | "test";

class Reader {
  readonly commands: ShellCommand[] = [];
  #words: ShellWord[] = [];
  #assignments: ShellWord[] = [];
  #redirections: { sign: string; to: ShellWord }[] = [];
  #redirecting: string | undefined;
  #mode: Mode = "command";
  #before = "";
  #depth: number;
  readonly #outer: number;

  constructor(depth: number) {
    this.#depth = depth;
    this.#outer = depth;
  }

  /** Takes the next token; false where it is none that we understand there. */
  take(token: Token): boolean {
    if (this.#redirecting !== undefined) {
      if (token.kind !== "word") return false;
      this.#redirections.push({ sign: this.#redirecting, to: token });
      this.#redirecting = undefined;
      return true;
    }
    if (this.#mode !== "command") return this.#takeInside(token);
    if (token.kind === "redirection") {
      this.#redirecting = token.text;
      return true;
    }
    return token.kind === "operator" ? this.#takeOperator(token.text) : this.#takeWord(token);
  }

  /** Ends the last command; false where something is still open. */
  finish(): boolean {
    this.#end("");
    return (
      this.#depth === this.#outer && this.#mode === "command" && this.#redirecting === undefined
    );
  }

  #takeInside(token: Token): boolean {
    const text = token.kind === "redirection" ? "" : token.text;
    if (this.#mode === "test") {
      if (text === "]]") this.#mode = "command";
    } else if (this.#mode === "for") {
      if (text === ";" || text === "\n") this.#mode = "command";
    } else if (this.#mode === "case") {
      if (text === "in") this.#mode = "pattern";
    } else if (text === "esac") {
      this.#mode = "command";
      this.#depth -= 1;
    } else if (text === ")") this.#mode = "command";
    return true;
  }

  #takeOperator(text: string): boolean {
    if (text === "(") {
      // Behind a word it makes a function of it.
      if (!this.#isAtStart()) return false;
      this.#depth += 1;
      return true;
    }
    this.#end(text);
    if (text === ")") this.#depth -= 1;
    if (text === ";;") this.#mode = "pattern";
    return this.#depth >= this.#outer;
  }

  #takeWord(word: ShellWord): boolean {
    if (!this.#isAtStart()) {
      this.#words.push(word);
      return true;
    }
    const { text } = word;
    if (this.#assignments.length === 0) {
      if (openers.has(text)) this.#depth += 1;
      else if (closers.has(text)) this.#depth -= 1;
      else if (text === "for" || text === "case") {
        this.#depth += 1;
        this.#mode = text;
      } else if (text === "[[") this.#mode = "test";
      else if (text === "function" || text === "select") return false;
      else if (!middles.has(text)) this.#begin(word);
      return this.#depth >= this.#outer;
    }
    this.#begin(word);
    return true;
  }

  #begin(word: ShellWord): void {
    if (/^[A-Za-z_]\w*\+?=/.test(word.text)) this.#assignments.push(word);
    else this.#words.push(word);
  }

  #isAtStart(): boolean {
    return this.#words.length === 0;
  }

  #end(operator: string): void {
    const parts = [...this.#assignments, ...this.#words, ...this.#redirections.map(({ to }) => to)];
    if (parts.length > 0) {
      this.commands.push({
        words: this.#words,
        assignments: this.#assignments,
        redirections: this.#redirections,
        start: Math.min(...parts.map(({ start }) => start)),
        end: Math.max(...parts.map(({ end }) => end)),
        before: this.#before,
        after: operator,
        depth: this.#depth,
      });
    }
    this.#words = [];
    this.#assignments = [];
    this.#redirections = [];
    this.#before = operator;
  }
}

function shifted(command: ShellCommand, offset: number): ShellCommand {
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
