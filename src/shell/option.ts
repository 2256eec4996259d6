/** The options of a program's command line, as most programs read them (POSIX.1-2017, XBD 12.1; and `--long=value`). */

/** The word that holds an option's value, and the offset in the word's text that the value begins at: `-o value`, `--output=value`, `-ovalue` where it is a single letter. */
export function optionIn<Word extends { readonly text: string }>(
  words: readonly Word[],
  names: readonly string[],
): { readonly word: Word; readonly from: number } | undefined {
  for (const [at, word] of words.entries()) {
    const { text } = word;
    const next = words[at + 1];
    for (const name of names) {
      if (text === name && next !== undefined) return { word: next, from: 0 };
      if (text.startsWith(`${name}=`)) return { word, from: name.length + 1 };
      const isShort = /^-[A-Za-z]$/.test(name) && !text.startsWith("--");
      if (isShort && text.startsWith(name) && text.length > 2) return { word, from: 2 };
    }
  }
  return undefined;
}
