/** OpenSSH's client: one command on a server, asked so that nobody is ever waited for, and its failures told apart. */
import { fail, type TransshipError } from "../errors.ts";
import { type Argv, quote, quotePath, shellLine } from "./command.ts";

/** Where ssh goes. User, port and all else that is not named are as the user's own ssh configuration says. */
export interface SshTarget {
  /** A name, an alias of the configuration, or an address; IPv6 without brackets. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** A private key's file, as ssh's `-i` takes it: `~/` is the home directory, and the agent's other keys are tried as well. */
  readonly identity?: string;
}

/** Seconds that ssh may take to be connected. */
const connectSeconds = 10;

/**
 * The argv that runs a command there. Its words come to the remote program as they are, though the remote shell parses them again
 * (see `quote` for the shells, and for the one word that csh refuses). Linux takes a line of 128 KiB at most: what may be longer goes
 * by standard input. Without a terminal nothing is asked (BatchMode): a question is a failure.
 * @throws TypeError for a NUL
 */
export function sshArgv(target: SshTarget, command: readonly string[]): Argv {
  const options = ["-T", "-o", "BatchMode=yes", "-o", `ConnectTimeout=${connectSeconds}`];
  return ["ssh", ...options, ...addressArgs(target), shellLine(command)];
}

/**
 * The argv of a connection that ends in a POSIX shell which reads its script from standard input, whatever the login shell is.
 * `forward`: a port of this machine's loopback that the server's is to have (ssh(1), `-R`); then it is a connection of its own, for
 * over a master the port that the server chose is never told, and the listener outlives the client. Without one it may share the
 * user's master, and never becomes one.
 */
export function sshShellArgv(target: SshTarget, forward?: number): Argv {
  const path = forward === undefined ? [] : ["ControlPath=none"];
  const own = ["ControlMaster=no", ...path, "RequestTTY=no", "RemoteCommand=none"];
  // Nothing of this machine is lent to the server, and what is sent is compressed already.
  const plain = ["ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no", "Compression=no"];
  // The port is told at that level, and a wire that is dead is found.
  const told = ["LogLevel=INFO", "ServerAliveInterval=10", "ServerAliveCountMax=3"];
  const options = ["BatchMode=yes", `ConnectTimeout=${connectSeconds}`, ...own, ...plain, ...told];
  const port = forward === undefined ? [] : ["-R", `127.0.0.1:0:127.0.0.1:${forward}`];
  const flags = options.flatMap((option) => ["-o", option]);
  return ["ssh", "-T", ...flags, ...port, ...addressArgs(target), "exec sh"];
}

/** The argv that asks whether the user has a master there (ssh(1), `-O`): exit code 0. */
export function sshMasterArgv(target: SshTarget): Argv {
  return ["ssh", "-O", "check", ...addressArgs(target)];
}

/** A command there as it is typed. */
export function sshArgvShown(
  { host, user, port, identity }: SshTarget,
  command: readonly string[],
): Argv {
  const key = identity === undefined ? [] : ["-i", identity];
  const number = port === undefined ? [] : ["-p", String(port)];
  return ["ssh", ...key, ...number, user === undefined ? host : `${user}@${host}`, ...command];
}

/** The argv that has ssh tell with which settings it would go there, nobody being asked (ssh(1), `-G`). */
export function sshSettingsArgv(target: SshTarget): Argv {
  return ["ssh", "-G", ...addressArgs(target)];
}

/** The target as it is typed behind `ssh`, ready to paste: `-i ~/.ssh/deploy -p 2222 me@server`. */
export function sshTargetText({ host, user, port, identity }: SshTarget): string {
  const place = quote(user === undefined ? host : `${user}@${host}`);
  return [
    ...(identity === undefined ? [] : ["-i", quotePath(identity)]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    place,
  ].join(" ");
}

function addressArgs({ host, user, port, identity }: SshTarget): readonly string[] {
  return [
    ...(identity === undefined ? [] : ["-i", identity]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    "--",
    host,
  ];
}

/** What ssh's own words say went wrong (openssh-portable, `sshconnect.c`, `sshconnect2.c`); `undefined` where they say nothing. */
export function sshFailure(target: SshTarget, words: string): TransshipError | undefined {
  const reason = lastSentence(words);
  const { port } = target;
  // The name that known_hosts has for it.
  const host = port === undefined ? target.host : `[${target.host}]:${port}`;
  const facts = { host, target: sshTargetText(target), reason };
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(words)) {
    return fail("SSH_HOST_KEY_CHANGED", facts);
  }
  if (/Host key verification failed|No \S+ host key is known/.test(words)) {
    return fail("SSH_HOST_KEY_UNKNOWN", facts);
  }
  if (/Permission denied \(|Too many authentication failures/.test(words)) {
    return fail("SSH_DENIED", facts);
  }
  const isAway =
    /Could not resolve hostname|ssh: connect to host|Connection (?:closed|reset|refused|timed out)|kex_exchange_identification|Operation timed out|No route to host|banner exchange/i;
  return isAway.test(words) ? fail("SSH_UNREACHABLE", facts) : undefined;
}

/** The last line that says something, without the carriage return that ssh ends its lines with. */
function lastSentence(words: string): string {
  const lines = words.split(/\r?\n/).filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "it says nothing").trim().replace(/^ssh: /, "");
}
