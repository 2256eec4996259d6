/** Where the bracket of `$(…)`, `${…}` or `$((…))` is closed. */

/** Undefined where it is not. Brackets in quotes do not count, nor does what ends a pattern of `case`. */
export function closingBracket(text: string, from: number): number | undefined {
  const [open, shut] = text[from] === "{" ? "{}" : "()";
  /** For each bracket that is open, how many `case` are. */
  const cases: number[] = [];
  let isQuoted = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\") at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === "'" && !isQuoted) {
      const close = text.indexOf("'", at + 1);
      if (close === -1) return undefined;
      at = close;
    } else if (character === open) cases.push(0);
    else if (character === shut) {
      if ((cases.at(-1) ?? 0) > 0) continue;
      cases.pop();
      if (cases.length === 0) return at;
    } else if (open === "(" && (character === "c" || character === "e")) {
      const change = caseChange(text, at);
      if (change !== 0) cases.push(Math.max(0, (cases.pop() ?? 0) + change));
    }
  }
  return undefined;
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
