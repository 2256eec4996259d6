/** What `sed`, `tr`, `cat` and their like make of a line that they are given. */
import { hole, isKnown } from "./value.ts";

/** Longer lines are none that name an architecture, and would only take time. */
const longest = 200;

/** Undefined where it cannot be told. */
export function filtered(
  program: string,
  args: readonly string[],
  input: string,
): string | undefined {
  if (program === "cat" || program === "head" || program === "xargs") {
    return args.length === 0 ? input : undefined;
  }
  if (!isKnown({ text: input }) || input.length > longest || args.join(" ").includes(hole))
    return undefined;
  if (program === "sed") return throughSed(args, input);
  if (program === "tr") return throughTr(args, input);
  if (program === "cut" || program === "awk") return partOf(program, args, input);
  return undefined;
}

/** `cut -d/ -f2`, `awk -F- '{ print $NF }'`: one part of the line. */
function partOf(program: string, args: readonly string[], input: string): string | undefined {
  const text = args.join(" ");
  const form =
    program === "cut"
      ? /^-d ?([^ ]) -f ?(\d)$/.exec(text)
      : /^-F ?([^ \\.*+?^$()[{|]) \{ ?print \$(\d|NF);? ?\}$/.exec(text);
  const [, separator = "", field = ""] = form ?? [];
  if (separator === "" || field === "0" || input.includes("\n")) return undefined;
  const parts = input.split(separator);
  // What has no separator `cut` prints as a whole.
  const missing = program === "cut" && parts.length === 1 ? input : "";
  return (field === "NF" ? parts.at(-1) : parts[Number(field) - 1]) ?? missing;
}

function throughSed(args: readonly string[], input: string): string | undefined {
  const isExtended = args.some((arg) => ["-E", "-r", "--regexp-extended"].includes(arg));
  const scripts: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (["-E", "-r", "--regexp-extended"].includes(arg)) continue;
    if (arg === "-e" || arg === "--expression") scripts.push(args[(at += 1)] ?? "");
    else if (arg.startsWith("-") || scripts.length > 0) return undefined;
    else scripts.push(arg);
  }
  let text = input;
  for (const command of scripts.flatMap((script) => script.split(/[;\n]/))) {
    if (command.trim() === "") continue;
    const changed = substituted(command.trim(), text, isExtended);
    if (changed === undefined) return undefined;
    text = changed;
  }
  return text;
}

/** `s/pattern/replacement/g`, where the pattern is plain enough to mean the same here. */
function substituted(command: string, text: string, isExtended: boolean): string | undefined {
  const [, separator = "", rest = ""] = /^s([/|,#@!:])(.*)$/.exec(command) ?? [];
  const [pattern = "", replacement = "", flags = "", ...more] = rest.split(separator);
  if (separator === "" || more.length > 0 || !/^[gI]*$/.test(flags)) return undefined;
  const source = isExtended ? pattern : extended(pattern);
  if (source === undefined || !plain.test(source) || !/^[\w.,:/ -]*$/.test(replacement))
    return undefined;
  try {
    return text.replace(new RegExp(source, flags.toLowerCase()), () => replacement);
  } catch {
    return undefined;
  }
}

/** Means the same to JavaScript, and takes no time that grows faster than the line. */
const plain = /^\^?[\w.,:/ ()|-]+(?:\.\*)?\$?$/;

/** A basic regular expression as an extended one. */
function extended(pattern: string): string | undefined {
  return /(?<!\\)[()|]/.test(pattern) ? undefined : pattern.replaceAll(/\\([()|])/g, "$1");
}

function throughTr(
  [from = "", to = "", ...more]: readonly string[],
  input: string,
): string | undefined {
  if (more.length > 0) return undefined;
  if (from === "-d") return plainSet(to) ? dropped(input, to) : undefined;
  const changes: Readonly<Record<string, (text: string) => string>> = {
    "[:upper:] [:lower:]": (text) => text.toLowerCase(),
    "A-Z a-z": (text) => text.toLowerCase(),
    "[:lower:] [:upper:]": (text) => text.toUpperCase(),
    "a-z A-Z": (text) => text.toUpperCase(),
  };
  const change = changes[`${from} ${to}`];
  if (change !== undefined) return change(input);
  if (!plainSet(from) || !plainSet(to) || from.length !== to.length) return undefined;
  return Array.from(input, (one) => to[from.indexOf(one)] ?? one).join("");
}

function plainSet(set: string): boolean {
  return set !== "" && !/[[\]\\]|.-./.test(set);
}

function dropped(text: string, set: string): string {
  return Array.from(text)
    .filter((one) => !set.includes(one))
    .join("");
}
