/** Patterns of the shell (POSIX.1-2017, XCU 2.13): `*`, `?` and `[…]`. */

/** Longer ones could be matched only in a time that grows too fast. */
const mostStars = 4;
const longest = 256;

/** As the source of a regular expression; undefined for one that is not understood. */
export function globExpression(glob: string): string | undefined {
  if (glob.length > longest || (glob.match(/\*/g) ?? []).length > mostStars) return undefined;
  let source = "";
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob[at] ?? "";
    const [brackets] = /^\[[!^]?\]?[\w.,:/ -]*\]/.exec(glob.slice(at)) ?? [];
    if (character === "*") source += "[^]*";
    else if (character === "?") source += "[^]";
    else if (character === "[" && brackets !== undefined) {
      source += brackets.replace(/^\[!/, "[^").replaceAll(/[./]/g, String.raw`\$&`);
      at += brackets.length - 1;
    } else if (character === "[") return undefined;
    else source += character.replace(/[\\^$.|?*+(){}\]/]/, String.raw`\$&`);
  }
  return source;
}

/** Whether the text is what the pattern stands for; undefined where that cannot be told. */
export function matchesGlob(text: string, glob: string): boolean | undefined {
  if (text.length > 4096) return undefined;
  const sources = glob.split("*").map(globExpression);
  // A star within brackets is none.
  if (globExpression(glob) === undefined || sources.includes(undefined)) return undefined;
  const [first = "", ...rest] = sources.map((source) => source ?? "");
  const last = rest.pop();
  if (last === undefined) return new RegExp(`^(?:${first})$`, "u").test(text);
  // Each part as early as it can be: a regular expression with several stars would try every other place as well.
  let at = endOf(first, text, 0, "uy");
  for (const source of rest) at = at === undefined ? undefined : endOf(source, text, at, "ug");
  return at !== undefined && new RegExp(`^[^]*(?:${last})$`, "u").test(text.slice(at));
}

/** Where what the expression stands for ends, at that place or (with `g`) behind it. */
function endOf(source: string, text: string, from: number, flags: string): number | undefined {
  const expression = new RegExp(source, flags);
  expression.lastIndex = from;
  return expression.test(text) ? expression.lastIndex : undefined;
}
