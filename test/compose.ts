/** Projects with a compose file, for tests that ask the real `docker compose config`. It needs no engine. */
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "./directory.ts";

/** Why such a test is skipped here, `false` where it is not. */
export const withoutCompose = answers("compose")
  ? false
  : "needs docker's compose plugin: docker compose version";

export const withoutBuildx =
  withoutCompose || (answers("buildx") ? false : "needs docker's buildx plugin");

function answers(plugin: string): boolean {
  return spawnSync("docker", [plugin, "version"], { timeout: 30_000 }).status === 0;
}

/** Works in a directory with those files (path → text) until the test ends. Returns it. */
export async function inProject(
  t: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const directory = await temporaryDirectory(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(directory);
  return directory;
}
