/** The program that a started one starts in its place, where its arguments tell: a shell's line, env, an init. */
import path from "node:path";
import type { Container } from "../container.ts";
import type { Running } from "./outcome.ts";
import { firstCommand } from "./shell.ts";

export interface Successor {
  readonly argv: readonly string[];
  /** What starts it, which also words the failure. */
  readonly by: "shell" | "env" | "init";
  /** Whether it certainly is a program: an argument of a script may be anything. */
  readonly isCertain: boolean;
  readonly workingDirectory?: string;
}

/** Programs that start the first of their arguments that is no option, with the options that take a value. */
const inits: Readonly<Record<string, readonly string[]>> = {
  tini: ["-p", "-e"],
  "tini-static": ["-p", "-e"],
  "docker-init": ["-p", "-e"],
  "dumb-init": ["-r", "--rewrite"],
  catatonit: [],
  nice: ["-n"],
  nohup: [],
  setsid: [],
  stdbuf: ["-i", "-o", "-e"],
};
/** Those whose first argument is a user. */
const userSwitches = new Set(["gosu", "su-exec"]);
const shells = new Set(["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"]);

export function successorOf({ located, argv, scripts }: Running): Successor | undefined {
  // A multi-call binary (busybox) is what it is called.
  const own = path.posix.basename(located.path);
  const name = own === "busybox" ? path.posix.basename(argv[0] ?? own) : own;
  const rest = argv.slice(1);
  if (shells.has(name)) return shellSuccessor(rest, scripts.length > 0);
  if (name === "env") return envSuccessor(rest);
  const valued = inits[name];
  if (valued !== undefined) return certain(afterOptions(rest, valued), "init");
  if (userSwitches.has(name)) return certain(rest.slice(1), "init");
  return undefined;
}

function shellSuccessor(args: readonly string[], isScript: boolean): Successor | undefined {
  const at = args.findIndex((arg) => !arg.startsWith("-") || arg === "--");
  const options = args.slice(0, at === -1 ? args.length : at);
  const isLine = options.some((option) => /^-[a-zA-Z]*c$/.test(option));
  const operands = at === -1 ? [] : args.slice(args[at] === "--" ? at + 1 : at);
  if (isLine) {
    const command = firstCommand(operands[0] ?? "");
    if (command === undefined) return undefined;
    const { directory } = command;
    return {
      argv: command.argv,
      by: "shell",
      isCertain: true,
      ...(directory === undefined ? {} : { workingDirectory: directory }),
    };
  }
  // The script, then what it is given: by custom the program that it ends with.
  const [, ...given] = operands;
  return isScript && given.length > 0 ? { argv: given, by: "init", isCertain: false } : undefined;
}

function envSuccessor(args: readonly string[]): Successor | undefined {
  const [first = ""] = args;
  const split = /^(?:-S|-[vi]*S|--split-string=)(.*)$/s.exec(first)?.[1];
  const words =
    split === undefined
      ? args
      : [...split.split(/[ \t]+/).filter((text) => text !== ""), ...args.slice(1)];
  const rest = afterOptions(words, ["-u", "--unset", "-C", "--chdir"]);
  const program = rest.findIndex((text) => !text.includes("="));
  return program === -1 ? undefined : certain(rest.slice(program), "env");
}

function afterOptions(args: readonly string[], valued: readonly string[]): readonly string[] {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (arg === "--") return args.slice(at + 1);
    if (!arg.startsWith("-")) return args.slice(at);
    if (valued.includes(arg)) at += 1;
  }
  return [];
}

function certain(argv: readonly string[], by: Successor["by"]): Successor | undefined {
  return argv[0] === undefined || argv[0] === "" ? undefined : { argv, by, isCertain: true };
}

/** What the shell, env or init prints when it does not find the program; `undefined` where nobody can say. */
export function notFoundSentence(
  { by, argv: [name = ""] }: Successor,
  running: Running,
  { environment }: Container,
): string | undefined {
  const own = path.posix.basename(running.located.path);
  if (by === "shell") return own === "bash" ? `${name}: command not found` : `${name}: not found`;
  if (by !== "env") return undefined;
  if (own === "busybox") return `env: can't execute '${name}': No such file or directory`;
  const shown = name.replaceAll("\r", String.raw`\r`);
  // coreutils quotes as the locale's character set has it.
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((key) => environment.get(key)).find(Boolean);
  const isUtf8 = /utf-?8/i.test(locale ?? "");
  return `${isUtf8 ? `‘${shown}’` : `'${shown}'`}: No such file or directory`;
}
