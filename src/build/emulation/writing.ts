/** Instructions as lines of a Dockerfile. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { Escape } from "../../dockerfile/line.ts";
import type { Flag } from "../../dockerfile/split.ts";
import { edited } from "./edit.ts";
import type { Judgement } from "./judgement.ts";
import { readTokens } from "../../shell/token.ts";

/** A line that is longer is broken where the shell lets it. */
const width = 96;
const indent = "    ";

/** As it stands in the file, on as few lines as are legible. */
export function writeInstruction(
  instruction: Instruction,
  escape: Escape,
  text: string = instruction.text,
): readonly string[] {
  const { keyword, flags, heredocs } = instruction;
  const head = [keyword, ...flags.map((flag) => writeFlag(flag, escape))].join(" ");
  const isShell = keyword === "RUN" && heredocs.length === 0 && !text.startsWith("[");
  const whole = text === "" ? head : `${head} ${text}`;
  const lines = isShell && whole.length > width ? broken(head, text, escape) : [whole];
  const bodies = heredocs.flatMap(({ content, name }) =>
    content.split("\n").slice(0, -1).concat(name),
  );
  return [...lines, ...bodies];
}

/** A RUN for the machine that builds. */
export function writeRun(judgement: Judgement, escape: Escape): readonly string[] {
  const { instruction, script, edits, preparations } = judgement;
  if (edits.length === 0 && preparations.length === 0) return writeInstruction(instruction, escape);
  // A program in `$(…)` that only says a variable is the variable.
  const text = edited(script.text, edits).replaceAll(/\$\(echo \$([A-Z_]+)\)/g, "${$1}");
  if (script.form === "heredoc") {
    const [heredoc] = instruction.heredocs;
    const body = [...preparations, text].join("\n").replace(/\n?$/, "\n");
    if (heredoc === undefined) return writeInstruction(instruction, escape);
    const heredocs = [{ ...heredoc, content: body }];
    return writeInstruction({ ...instruction, heredocs }, escape);
  }
  return writeInstruction(
    { ...instruction, isExecForm: false },
    escape,
    [...preparations, text].join(" && "),
  );
}

function writeFlag({ name, value }: Flag, escape: Escape): string {
  if (value === undefined) return `--${name}`;
  if (!/[\s"'\\`]/.test(value)) return `--${name}=${value}`;
  const guarded = value.replaceAll(escape, escape + escape).replaceAll('"', `${escape}"`);
  return `--${name}="${guarded}"`;
}

/** Breaks between words, before everything else where a command ends. */
function broken(head: string, text: string, escape: Escape): readonly string[] {
  const { tokens, isComplete, hasComments } = readTokens(text);
  if (!isComplete || hasComments || text.includes("\n")) return [`${head} ${text}`];
  const parts: string[] = [];
  let at = 0;
  let part = "";
  for (const token of tokens) {
    const gap = text.slice(at, token.start);
    const isGlued = gap === "" && at > 0;
    const spaced = isGlued || part === "" ? "" : " ";
    part += spaced + token.text;
    at = token.end;
    const isEnd = token.kind === "operator" && /^(?:&&|\|\||;)$/.test(token.text);
    if (isEnd && /^\s/.test(text.slice(at))) {
      parts.push(part);
      part = "";
    }
  }
  if (part !== "") parts.push(part);
  const lines = joined(parts).flatMap((one) => wrapped(one));
  const [first = "", ...rest] = lines;
  const start = `${head} ${first}`;
  const isShort = start.length <= width || head === "RUN";
  const all = isShort
    ? [start, ...rest.map((line) => indent + line)]
    : [head, ...lines.map((line) => indent + line)];
  return all.map((line, order) => (order < all.length - 1 ? `${line} ${escape}` : line));
}

/** A `case` stands together; it is broken between its patterns. */
function joined(parts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let open = 0;
  for (const part of parts) {
    if (open > 0) lines.push(`${lines.pop() ?? ""} ${part}`);
    else lines.push(part);
    open += (part.match(/(?:^|\s)case(?=\s)/g) ?? []).length;
    open -= (part.match(/(?:^|\s)esac(?=[\s;]|$)/g) ?? []).length;
  }
  return lines;
}

/** A long command goes on in the next line, where no quote is open. */
function wrapped(part: string): readonly string[] {
  if (part.length <= width) return [part];
  const [first = "", ...clauses] = part.split(/(?<=(?:^case "\$TARGETARCH" in| ;;)) /);
  if (clauses.length > 0) return [first, ...clauses.map((clause) => `${indent}${clause}`)];
  const { tokens } = readTokens(part);
  const lines: string[] = [];
  let line = "";
  let at = 0;
  for (const token of tokens) {
    const isGlued = part.slice(at, token.start) === "" && at > 0;
    const isSign = token.kind === "operator";
    at = token.end;
    if (!isGlued && !isSign && line !== "" && line.length + token.text.length + 1 > width) {
      lines.push(line);
      line = `${indent}${token.text}`;
    } else line += (isGlued || line === "" ? "" : " ") + token.text;
  }
  return [...lines, line];
}
