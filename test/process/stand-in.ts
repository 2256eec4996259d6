/** A stand-in for ssh, which runs here what it is told to run there. */
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import {
  openRemoteShell,
  type RemoteShell,
  type RemoteShellOptions,
} from "../../src/process/remote-shell.ts";
import { temporaryDirectory } from "../directory.ts";
import { writtenPid } from "./shell.ts";

export const target = { host: "server", user: "me" };

/** Runs the last of ssh's words, as the login shell there would. */
export const connects = 'for last in "$@"; do :; done; exec sh -c "$last"';

/** The same, and like ssh: when it is ended, what runs there sees the end of its input. */
export const carries = `for last in "$@"; do :; done
mkfifo "$0.in"
sh -c "$last" < "$0.in" & far=$!
exec 3<&0
cat <&3 > "$0.in" & near=$!
trap 'kill "$near"; exit 255' TERM
wait "$near"
wait "$far"`;

export interface StandInOptions extends Partial<Omit<RemoteShellOptions, "env">> {
  /** What the stand-in does. */
  readonly ssh?: string;
  /** Other programs that are there, by name: scripts. */
  readonly programs?: Readonly<Record<string, string>>;
}

export interface StandIn {
  readonly shell: RemoteShell;
  /** Of the programs; in `words` stands what ssh was given. */
  readonly directory: string;
  /** Of the stand-in; it stays the same when another program takes its place. */
  readonly pid: () => Promise<number>;
}

/** It is closed when the test has ended. */
export async function standInShell(
  t: TestContext,
  { ssh = connects, programs = {}, ...options }: StandInOptions = {},
): Promise<StandIn> {
  const directory = await temporaryDirectory(t);
  const begin = `echo $$ > ${directory}/pid\necho "$*" > ${directory}/words`;
  for (const [name, text] of Object.entries({ ...programs, ssh: `${begin}\n${ssh}` })) {
    const file = path.join(directory, name);
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o755);
  }
  const { signal } = new AbortController();
  const env = { ...process.env, PATH: `${directory}:${process.env["PATH"]}` };
  const shell = openRemoteShell(target, { signal, ...options, env });
  t.after(async () => await shell.close());
  return { shell, directory, pid: async () => await writtenPid(path.join(directory, "pid")) };
}
