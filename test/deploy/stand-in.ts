/** A stand-in for docker on a server: it writes down what it is given, and does what a test says. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "../directory.ts";

export interface StandInDocker {
  /** Its directory is the first of this search path. */
  readonly env: { readonly PATH: string };
  /** The words of each call, in their order. */
  readonly calls: () => Promise<readonly (readonly string[])[]>;
}

/** `script`: what it does with its words, POSIX sh. `$here`: a directory of its own. */
export async function standInDocker(t: TestContext, script = ":"): Promise<StandInDocker> {
  const here = await temporaryDirectory(t);
  const [program, log] = [path.join(here, "docker"), path.join(here, "calls")];
  // Of each call the number of its words, and they, each with a NUL behind it: they may hold whatever words may.
  const text = `#!/bin/sh\nhere='${here}'\nprintf '%s\\0' "$#" "$@" >> '${log}'\n${script}\n`;
  await writeFile(program, text);
  await writeFile(log, "");
  await chmod(program, 0o755);
  return {
    env: { PATH: `${here}:${process.env["PATH"] ?? ""}` },
    calls: async () => readCalls(await readFile(log, "utf8")),
  };
}

function readCalls(log: string): readonly (readonly string[])[] {
  const words = log.split("\0").slice(0, -1);
  const calls: (readonly string[])[] = [];
  for (let at = 0; at < words.length;) {
    const end = at + 1 + Number(words[at]);
    calls.push(words.slice(at + 1, end));
    at = end;
  }
  return calls;
}
