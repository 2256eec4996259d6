import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { completionScript } from "./completion.ts";

const run = promisify(execFile);
const main = fileURLToPath(new URL("../main.ts", import.meta.url));

async function proposed(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [main, "__complete", ...words]);
  return stdout.split("\n").filter((line) => line !== "");
}

test("verbs, flags and their values are proposed", async () => {
  const verbs = await proposed("");
  for (const verb of ["setup", "build", "verify", "test", "doctor"])
    assert.ok(verbs.includes(verb), verb);
  assert.deepEqual(await proposed("ver"), ["verify"]);
  assert.deepEqual(await proposed("build", "--plat"), ["--platform"]);
  assert.deepEqual(await proposed("build", "--format", ""), ["text", "json"]);
  const formats = ["text", "json", "sarif", "github"];
  assert.deepEqual(await proposed("lint", "--format", ""), formats);
  assert.deepEqual(await proposed("lint", "--fi"), ["--fix"]);
});

test("the commands of store are proposed, and their flags", async () => {
  assert.deepEqual(await proposed("store", ""), ["ls", "prune"]);
  assert.deepEqual(await proposed("store", "prune", "--older"), ["--older-than"]);
});

test("a line that is wrong has no proposals, and no error", async () => {
  assert.deepEqual(await proposed("nonsense", "--x"), []);
});

test("bash completes by the script", { skip: !existsSync("/bin/bash") }, async (context) => {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  context.after(async () => await rm(directory, { recursive: true }));
  const command = path.join(directory, "transship");
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, {
    mode: 0o755,
  });
  const script = `${completionScript("bash")}\nCOMP_WORDS=(transship build --plat); COMP_CWORD=2; _transship; echo "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}` };
  const { stdout } = await run("/bin/bash", ["-c", script], { env });
  assert.equal(stdout, "--platform\n");
});
