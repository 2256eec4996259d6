import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const document = z.object({
  schemaVersion: z.literal(1),
  command: z.string(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function transship(...args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = execFile(process.execPath, [main, ...args], (_error, stdout, stderr) => {
    resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
  });
  return await promise;
}

for (const [args, command, problem] of [
  [["build", "--nope", "--json"], "build", /--nope/],
  [
    ["store", "prune", "--json", "--older"],
    "store prune",
    /^There is no flag --older\. Did you mean --older-than\?$/,
  ],
  [["bild", "--format", "json"], "", /There is no command "bild"\. Did you mean/],
  [["verify", "--format=json", "one", "two"], "verify", /^"two" is one argument too many\.$/],
  [
    ["build", "--json", "--progress", "fancy"],
    "build",
    /^--progress is one of auto, plain, rawjson, quiet, and "fancy" is none\.$/,
  ],
  [["build", "--json", "--cache-to"], "build", /^--cache-to wants a value\.$/],
  [["build", "--json", "--push=maybe"], "build", /^"maybe" does not fit --push: cannot convert/],
  [["build", "--json", "-x"], "build", /^There is no flag -x\.$/],
  [["build", "--json", "--tag", "a", "--tag", "b"], "build", /^--tag is given more than once\.$/],
] as const) {
  test(`transship ${args.join(" ")} is told in JSON, and on standard error`, async () => {
    const { exitCode, stdout, stderr } = await transship(...args);
    const { error, ...envelope } = document.parse(JSON.parse(stdout));
    assert.deepEqual([exitCode, envelope.command, error.code], [2, command, "USAGE"]);
    assert.match(error.message, problem);
    assert.match(error.hint, new RegExp(`: transship ${command} --help$`.replace("  ", " ")));
    assert.equal(stderr, `error[USAGE]: ${error.message}\n  → ${error.hint}\n`);
  });
}

test("what is handed to buildx asks for no JSON, nor does a line without the flag", async () => {
  for (const args of [
    ["build", "--nope", "--", "--json"],
    ["build", "--nope"],
  ]) {
    const { exitCode, stdout, stderr } = await transship(...args);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.match(stderr, /^error\[USAGE\]/);
  }
});
