/**
 * A container's environment, as a server gets it: by standard input, into a file that its owner alone may read, which `docker create
 * --env-file` reads. A value that has more than one line, or too long a one, has no place in such a file, so docker takes it from its
 * own environment.
 *
 * Source: docker/cli, pkg/kvfile (no quoting, a line each, read by Go's bufio.Scanner: MaxScanTokenSize); linux, fs/exec.c
 * (MAX_ARG_STRLEN).
 */
import { fail } from "../errors.ts";
import { quote } from "../process/command.ts";

export interface EnvironmentText {
  /** What `--env-file` reads. */
  readonly file: string;
  /** What is exported before docker is called, POSIX sh. */
  readonly exports: readonly string[];
  /** Words of docker create for those. */
  readonly words: readonly string[];
}

/** Bytes of `NAME=value` and a NUL: Linux takes no longer string. */
const most = 128 * 1024;
/** Bytes of a line, its end among them, that docker's reader takes. */
const mostOfLine = 64 * 1024;
const sudo = "sudo -n docker";

/** @throws ENVIRONMENT_INVALID, which never tells a value */
export function environmentText(
  environment: Readonly<Record<string, string>>,
  access: string,
): EnvironmentText {
  const entries = Object.entries(environment).toSorted(([one], [other]) => (one < other ? -1 : 1));
  for (const [name, value] of entries) {
    const problem =
      problemOf(name, value) ??
      (isLong(name, value) ? longProblem(name, value, access) : undefined);
    if (problem !== undefined) throw fail("ENVIRONMENT_INVALID", { name, problem });
  }
  const plain = entries.filter(([name, value]) => !isLong(name, value));
  const long = entries.filter(([name, value]) => isLong(name, value));
  return {
    file: plain.map(([name, value]) => `${name}=${value}\n`).join(""),
    exports: long.map(([name, value]) => `export ${name}=${quote(value)}`),
    words: long.flatMap(([name]) => ["--env", name]),
  };
}

/** Whether it is more than one line, as docker's reader of lines sees it. */
function isLong(name: string, value: string): boolean {
  return hasLines(value) || Buffer.byteLength(`${name}=${value}\n`) > mostOfLine;
}

function hasLines(value: string): boolean {
  return /[\n\r]/.test(value);
}

function problemOf(name: string, value: string): string | undefined {
  if (!/^[^\s=#\p{C}][^=\s\p{C}]*$/u.test(name)) return "it is no name of a variable";
  if (value.includes("\0")) return "its value has a NUL in it, which no environment can hold";
  const bytes = Buffer.byteLength(`${name}=${value}`) + 1;
  if (bytes <= most) return undefined;
  return `its value has ${bytes} bytes, and Linux starts no program with one of more than ${most}`;
}

/** Names that docker's own command would take for itself. */
const dockers =
  /^(?:PATH|HOME|DOCKER_.*|LD_.*|IFS|PWD|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)$/;
/** Whether docker's own command would heed it. */
export function isDockersOwn(name: string): boolean {
  return dockers.test(name);
}

/** Names that the shell that calls docker has for itself: the watchdog's own (settings.ts, clock.sh), and those of shells that nobody may change. */
const shells =
  /^(?:made|docker|release_place|limit|_|PPID|E?UID|BASHOPTS|SHELLOPTS|BASH_VERSINFO)$/;

function longProblem(name: string, value: string, access: string): string | undefined {
  const what = hasLines(value)
    ? "its value has more than one line"
    : `its value is longer than the ${mostOfLine} bytes that docker reads from a file`;
  if (access === sudo) return `${what}, which sudo does not let through`;
  if (!/^[A-Za-z_]\w*$/.test(name)) return `${what}, and its name is none that a shell can export`;
  if (isDockersOwn(name)) return `${what}, and docker would take it for its own`;
  return shells.test(name) ? `${what}, and the server's shell has that name for itself` : undefined;
}
