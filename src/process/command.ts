/** A command as argv, and as a line that can be pasted into a shell. */

/** A program and its arguments: what the operating system gets. Never a shell's line. */
export type Argv = readonly [program: string, ...args: string[]];

/** What no shell changes. Of a word that begins with `=` zsh makes a program's path, and of `%self` fish makes a number. */
const plain = /^(?![=%])[\w@%+=:,./-]+$/;

/**
 * One argument as a shell reads it back unchanged: plain words stay as they are, others in single quotes.
 *
 * What POSIX alone asks for would be too little, because the shell at the other end of ssh is whichever its user has: fish takes a
 * backslash before a quote or another backslash, and csh an exclamation mark, for its own even in single quotes. Those stand outside of
 * them, behind a backslash, which all shells read alike. The one limit: csh and tcsh have no words with line feeds, and refuse them.
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.2.2; fish, "Quotes"; tcsh(1), "History substitution" and "Lexical structure".
 * @throws TypeError for a NUL, which no argument of a program can hold (execve(2))
 */
export function quote(argument: string): string {
  if (argument.includes("\0")) throw new TypeError("an argument cannot hold a NUL character");
  if (plain.test(argument)) return argument;
  // As people write it: --format='{{.Os}}', the flag outside the quotes.
  const [, flag = "", value = argument] = /^(--[a-z][\w-]*=)(.+)$/s.exec(argument) ?? [];
  return `${flag}${enclose(value)}`;
}

/** What stands outside of the quotes. A backslash before anything else means itself in all of them, and stays where it is legible. */
const unquotable = /(?:['!]|\\(?=['!\\\n]|$))+/g;

function enclose(text: string): string {
  const pieces = text.replaceAll(unquotable, (run) => `'${run.replaceAll(/./g, "\\$&")}'`);
  return `'${pieces}'`;
}

/** A path as it is typed: `~/` stays outside the quotes, where the shell knows it. */
export function quotePath(file: string): string {
  const below = /^~\/(.+)$/s.exec(file)?.[1];
  return below === undefined ? quote(file) : `~/${quote(below)}`;
}

/**
 * A program and its arguments as one line for a shell, each word as it is. The first is never taken for an assignment (`FOO=bar`), with
 * which the second would be the program; but a function or builtin of its name comes before the program, as in every shell.
 * @throws TypeError as {@link quote}
 */
export function shellLine(argv: readonly string[]): string {
  const [program, ...args] = argv.map(quote);
  if (program === undefined) return "";
  const first = /^\w+\+?=/.test(program) ? enclose(program) : program;
  return [first, ...args].join(" ");
}

/** The line that people may paste, with secrets struck out. A NUL, with which nothing can be run, is shown as one. */
export function formatCommand(argv: readonly string[]): string {
  return shellLine(argv.map((argument) => redact(argument).replaceAll("\0", "\u2400")));
}

/** Names whose values are not shown: of build arguments, environment variables and the like. */
const secretName =
  /(?:^|[_.-])(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth)(?:$|[_.-])/i;

/**
 * Strikes out what looks like a secret in one argument: the password of a URL, and the value of `NAME=value`
 * where the name says so. BuildKit's `--secret id=…` names a file or variable, no secret, and stays.
 */
export function redact(argument: string): string {
  const withoutUserinfo = argument.replace(/(\w+:\/\/[^/\s:@]*):[^/\s@]+@/g, "$1:***@");
  const assignment = /^((?:--?[\w-]+=)?([A-Za-z_][\w.-]*))=(.+)$/s.exec(withoutUserinfo);
  const [, left, name] = assignment ?? [];
  if (left === undefined || name === undefined || !secretName.test(name)) return withoutUserinfo;
  return `${left}=***`;
}
