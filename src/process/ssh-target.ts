/** The server that people name: `me@server`, a host of their ssh configuration, or an ssh:// address. */
import { isIPv6 } from "node:net";
import { fail } from "../errors.ts";
import { quote, quotePath } from "./command.ts";
import type { SshTarget } from "./ssh.ts";

/** Characters; a host's name has 1,024 at most (`NI_MAXHOST` in netdb.h), a user's is far shorter. */
const mostTyped = 2_048;
const mostShown = 200;

/**
 * The server of a text that was typed: `server`, `me@server`, `me@[2001:db8::1]` or `ssh://me@server:2222`. What goes on to ssh can be
 * none of its options, no path and no shell's syntax, which openssh-portable refuses as well, because commands of a configuration get
 * the names (`ssh_valid_hostname` and `ssh_valid_ruser` in `readconf.c`).
 * @throws SERVER_INVALID; a password in it is struck out
 */
export function parseSshTarget(text: string): SshTarget {
  const target = readTarget(text);
  if (typeof target !== "string") return target;
  const shown = text.replace(/^((?:\w+:\/\/)?[^:/@]*):.*@/s, "$1:***@");
  const server = shown.length > mostShown ? `${shown.slice(0, mostShown)}…` : shown;
  throw fail("SERVER_INVALID", { server, problem: target });
}

/** The target as our verbs take it behind `--to`, ready to paste: `ssh://me@server:2222 --identity ~/.ssh/deploy`. */
export function serverFlagsText({ host, user, port, identity }: SshTarget): string {
  const place = port !== undefined && isIPv6(host) ? `[${host}]` : host;
  const named =
    user === undefined ? place : `${port === undefined ? user : encodeURIComponent(user)}@${place}`;
  return [
    quote(port === undefined ? named : `ssh://${named}:${port}`),
    ...(identity === undefined ? [] : ["--identity", quotePath(identity)]),
  ].join(" ");
}

/** The target, or what is wrong. */
function readTarget(text: string): SshTarget | string {
  if (text === "") return "it is empty";
  if (text.length > mostTyped) return `it has more than ${mostTyped} characters`;
  if (/[\s\p{C}]/u.test(text)) return "it has blanks, or characters that cannot be seen";
  const target = text.includes("://") ? readAddress(text) : readPlace(text);
  if (typeof target === "string") return target;
  return problemOf(target) ?? target;
}

function readAddress(text: string): SshTarget | string {
  const address = readSshUrl(text);
  if (address === undefined) return "it is no address that begins with ssh:// and names a host";
  if (address.hasPassword) return "a password has no place in it";
  if (address.path !== undefined) return "it names a path";
  // A URL drops them where nothing stands in them.
  if (/[?#]|^ssh:\/\/@/.test(text)) return "it has more than a user, a host and a port";
  return address.target;
}

function readPlace(text: string): SshTarget | string {
  const at = text.lastIndexOf("@");
  const [user, place] = at === -1 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
  if (user?.includes(":") === true) return "a password has no place in it";
  const host = withoutBrackets(place);
  if (host !== place && !isIPv6(host)) return "what stands in its brackets is no IPv6 address";
  if (/^[^:]+:\d+$|\]:\d+$/.test(place)) return `its port is written ssh://${text}`;
  if (place.includes("/") || (place.includes(":") && !isIPv6(host))) return "it names a path";
  return user === undefined ? { host } : { host, user };
}

/** Of parts that may have been percent-encoded. */
function problemOf({ host, user, port }: SshTarget): string | undefined {
  if (host === "") return "it names no host";
  if (user === "") return "no user stands before its @";
  if (host.startsWith("-") || user?.startsWith("-") === true) {
    return "a name that begins with - would be one of ssh's options";
  }
  if (port === 0) return "there is no port 0";
  const isHost =
    !/[\s\p{C}'"`$\\;&<>|(){}[\],@/]/u.test(host) && (!host.includes(":") || isIPv6(host));
  const isUser = user === undefined || !/[\s\p{C}'"`;&<>|(){}]|\\$/u.test(user);
  if (!isHost) return "its host has characters that no host has";
  return isUser ? undefined : "its user has characters that no user has";
}

/**
 * The ssh target of an engine's address, `ssh://me@server:2222/run/docker.sock`; `undefined` for any other, a docker context's name
 * among them.
 */
export function sshTargetOf(
  endpoint: string,
): (SshTarget & { readonly socket?: string }) | undefined {
  const address = readSshUrl(endpoint);
  if (address === undefined) return undefined;
  const { target, path } = address;
  return path === undefined ? target : { ...target, socket: path };
}

interface SshAddress {
  readonly target: SshTarget;
  /** Absolute; absent where it is but a slash. */
  readonly path?: string;
  readonly hasPassword: boolean;
}

function readSshUrl(text: string): SshAddress | undefined {
  const url = text.startsWith("ssh://") ? URL.parse(text) : null;
  if (url === null || url.hostname === "") return undefined;
  const { username, port, pathname, password } = url;
  const host = decoded(withoutBrackets(url.hostname));
  const user = decoded(username);
  if (host === undefined || user === undefined) return undefined;
  return {
    target: {
      host,
      ...(user === "" ? {} : { user }),
      ...(port === "" ? {} : { port: Number(port) }),
    },
    ...(pathname.replaceAll("/", "") === "" ? {} : { path: pathname }),
    hasPassword: password !== "",
  };
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/s, "$1");
}

/** `undefined` where a percent sign encodes nothing. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
