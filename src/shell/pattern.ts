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
  const source = text.length > 4096 ? undefined : globExpression(glob);
  return source === undefined ? undefined : new RegExp(`^(?:${source})$`, "u").test(text);
}
