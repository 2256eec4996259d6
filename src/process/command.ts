/** A command as argv, and as a line that can be pasted into a shell. */

/** A program and its arguments: what the operating system gets. Never a shell's line. */
export type Argv = readonly [program: string, ...args: string[]];

const plain = /^[\w@%+=:,./-]+$/;

/**
 * One argument as POSIX sh reads it back unchanged: plain words stay as they are, others stand in single quotes.
 * Source: POSIX.1-2017, Shell Command Language, 2.2.2.
 */
export function quote(argument: string): string {
  if (plain.test(argument)) return argument;
  // As people write it: --format='{{.Os}}', the flag outside the quotes.
  const [, flag = "", value = argument] = /^(--[a-z][\w-]*=)(.+)$/s.exec(argument) ?? [];
  return `${flag}'${value.replaceAll("'", `'\\''`)}'`;
}

/** The line that people may paste, with secrets struck out. */
export function formatCommand(argv: readonly string[]): string {
  return argv.map((argument) => quote(redact(argument))).join(" ");
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
