/** Programs that do nothing but start another one, in other surroundings: `env`, `exec`, `sudo`, `timeout` … */

interface Starter {
  /** The letters of those options that have a value, and the long options that have one. */
  readonly valued?: string;
  readonly long?: readonly string[];
  /** Options with which it does something else. */
  readonly unless?: RegExp;
  /** How many words of its own stand before the program. */
  readonly operands?: number;
}

/** Options that none of them has are taken for switches. */
const starters: ReadonlyMap<string, Starter> = new Map<string, Starter>([
  ["env", { valued: "uC", unless: /^-(?:S|-split-string)/, long: ["--unset", "--chdir"] }],
  ["exec", { valued: "a" }],
  ["command", { unless: /^-[vV]/ }],
  [
    "sudo",
    { valued: "ughpCDrtTUR", long: ["--user", "--group"], unless: /^-(?:[lveKkVi]|-login)/ },
  ],
  ["doas", { valued: "uCa", unless: /^-[Ls]/ }],
  ["gosu", { operands: 1 }],
  ["su-exec", { operands: 1 }],
  ["time", { valued: "fo" }],
  ["nice", { valued: "n", long: ["--adjustment"] }],
  ["ionice", { valued: "cnpPu", long: ["--class", "--classdata"] }],
  ["nohup", {}],
  ["setsid", {}],
  ["stdbuf", { valued: "ioe" }],
  ["timeout", { valued: "ks", long: ["--signal", "--kill-after"], operands: 1 }],
  [
    "xargs",
    { valued: "adEeIiLlnPs", long: ["--max-args", "--max-procs", "--delimiter", "--arg-file"] },
  ],
]);

export interface Started<Word> {
  /** The words of the program that is started in the end; all of them where nothing starts another. */
  readonly words: readonly Word[];
  /** `NAME=value` before it. */
  readonly assignments: readonly Word[];
}

/** Behind all that only starts it. Where a starter's own words cannot be told from the program's, it is the program. */
export function startedBy<Word extends { readonly text: string }>(
  words: readonly Word[],
): Started<Word> {
  const assignments: Word[] = [];
  let rest = words;
  for (;;) {
    const starter = starters.get(rest[0]?.text.split("/").at(-1) ?? "");
    const next = starter === undefined ? undefined : behind(rest, starter);
    if (next === undefined) return { words: rest, assignments };
    assignments.push(...next.assignments);
    rest = next.words;
  }
}

function behind<Word extends { readonly text: string }>(
  words: readonly Word[],
  { valued = "", long = [], unless, operands = 0 }: Starter,
): Started<Word> | undefined {
  const assignments: Word[] = [];
  let left = operands;
  let at = 1;
  for (; at < words.length; at += 1) {
    const word = words[at];
    const text = word?.text ?? "";
    if (unless?.test(text) === true) return undefined;
    if (text === "--") continue;
    if (text.startsWith("-")) {
      const isShort = !text.startsWith("--") && valued.includes(text.at(-1) ?? " ");
      if ((isShort && text.length === 2) || long.includes(text)) at += 1;
    } else if (word !== undefined && /^[A-Za-z_]\w*=/.test(text)) assignments.push(word);
    else if (left > 0) left -= 1;
    else break;
  }
  return at < words.length ? { words: words.slice(at), assignments } : undefined;
}
