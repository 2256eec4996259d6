/** The servers and the app that the flags of a verb name. */
import { type AppName, parseAppName } from "../deploy/names.ts";
import { fail } from "../errors.ts";
import { parseSshTarget } from "../process/ssh-target.ts";
import type { SshTarget } from "../process/ssh.ts";
import type { ServerFlags } from "./server-flags.ts";

/** @throws USAGE, SERVER_INVALID */
export function namedServers(
  { to = [], port, identity }: ServerFlags,
  command: string,
): readonly SshTarget[] {
  if (to.length === 0) throw fail("USAGE", { problem: "No server is named (--to).", command });
  const twice = to.find((server, n) => to.indexOf(server) !== n);
  if (twice !== undefined)
    throw fail("USAGE", { problem: `The server ${twice} is named twice.`, command });
  const number = port === undefined ? undefined : portNumber(port, "--port", command);
  return to.map((text) => serverTarget(text, { port: number, identity }));
}

/** A server as it was typed, with the port and the key that flags name. @throws SERVER_INVALID */
export function serverTarget(
  text: string,
  { port, identity }: { readonly [flag in "port" | "identity"]?: SshTarget[flag] | undefined },
): SshTarget {
  return {
    ...parseSshTarget(text),
    ...(port === undefined ? {} : { port }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** The app of `--app`, else the last part of an image's repository. @throws APP_INVALID, USAGE where nothing names one */
export function namedApp(
  app: string | undefined,
  repository: string | undefined,
  command: string,
): AppName {
  const name = app ?? repository?.slice(repository.lastIndexOf("/") + 1);
  if (name !== undefined) return parseAppName(name);
  throw fail("USAGE", { problem: "No app is named (--app).", command });
}

/** @throws USAGE */
export function portNumber(text: string, flag: string, command: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw fail("USAGE", { problem: `${flag} "${text}" is no port: 1 to 65535.`, command });
}

/** @throws USAGE */
export function countOf(text: string, flag: string, command: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0) return count;
  throw fail("USAGE", { problem: `${flag} "${text}" is no number: 1 or more.`, command });
}
