/** Where the bracket of `$(…)`, `${…}` or `$((…))` is closed. */

/** What is open: a bracket, with how many `case` are open in it, or a double quote. */
interface Open {
  readonly by: "(" | "{" | '"';
  cases: number;
}

/** Undefined where it is not. Brackets in quotes and comments do not count, nor does what ends a pattern of `case`. */
export function closingBracket(text: string, from: number): number | undefined {
  const open: Open[] = [{ by: text[from] === "{" ? "{" : "(", cases: 0 }];
  for (let at = from + 1; at < text.length; at += 1) {
    const innermost = open.at(-1);
    if (innermost === undefined) return undefined;
    const end = innermost.by === '"' ? passQuoted(text, at, open) : pass(text, at, innermost, open);
    if (end === undefined) return undefined;
    if (open.length === 0) return end;
    at = end;
  }
  return undefined;
}

/** Passes what stands there within a bracket, to its last character; undefined where it never ends. */
function pass(text: string, at: number, innermost: Open, open: Open[]): number | undefined {
  const character = text[at] ?? "";
  const isList = innermost.by === "(";
  if (character === "'") {
    const close = text.indexOf("'", at + 1);
    return close === -1 ? undefined : close;
  }
  if (character === '"') open.push({ by: '"', cases: 0 });
  else if (character === "(" && isList) open.push({ by: "(", cases: 0 });
  else if (character === (isList ? ")" : "}")) {
    if (innermost.cases === 0) open.pop();
  } else if (character === "#" && isList && /[\s;&|(]/.test(text[at - 1] ?? " ")) {
    const feed = text.indexOf("\n", at);
    return feed === -1 ? undefined : feed;
  } else if (isList && (character === "c" || character === "e")) {
    innermost.cases = Math.max(0, innermost.cases + caseChange(text, at));
  } else return passExpansion(text, at, open);
  return at;
}

function passQuoted(text: string, at: number, open: Open[]): number | undefined {
  if (text[at] !== '"') return passExpansion(text, at, open);
  open.pop();
  return at;
}

/** What means the same within quotes and without: an escape, `$(`, `${` and backquotes. */
function passExpansion(text: string, at: number, open: Open[]): number | undefined {
  const [character, next] = [text[at], text[at + 1]];
  if (character === "\\") return at + 1;
  if (character === "`") return closingBackquote(text, at + 1);
  if (character !== "$" || (next !== "(" && next !== "{")) return at;
  open.push({ by: next, cases: 0 });
  return at + 1;
}

/** 1 where `case` begins a command, -1 where `esac` does. */
function caseChange(text: string, at: number): number {
  const word = text.slice(at, at + 4);
  if ((word !== "case" && word !== "esac") || /[^\s;&|()<>]/.test(text[at + 4] ?? " ")) return 0;
  const before = text.slice(Math.max(0, at - 64), at).replace(/[ \t]+$/, "");
  const isAtStart = before === "" || /[(;&|\n{`]$|(?:^|[\s;])(?:then|do|else)$/.test(before);
  return isAtStart ? (word === "case" ? 1 : -1) : 0;
}

/** The backquote that ends the text that begins there. */
export function closingBackquote(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") return at;
  }
  return undefined;
}
