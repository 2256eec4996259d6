import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fail, isFailure } from "../errors.ts";
import type { Argv } from "./command.ts";
import { createRunner } from "./run.ts";

const never = new AbortController().signal;
const sh = (script: string): Argv => ["sh", "-c", script];

test("an exit code other than 0 is an answer, not an error", async () => {
  const finished = await createRunner(never).run(sh("echo out; echo err >&2; exit 3"));
  assert.equal(finished.exitCode, 3);
  assert.equal(finished.stdout, "out\n");
  assert.equal(finished.stderr, "err\n");
});

test("lines of standard error come one by one, the last one without its end too", async () => {
  const lines: string[] = [];
  await createRunner(never).run(sh("printf 'a\\nb\\r\\nc' >&2"), {
    onErrorLine: (line) => lines.push(line),
  });
  assert.deepEqual(lines, ["a", "b", "c"]);
});

test("of a stream nothing is lost that is read later", async () => {
  const { stdout, finished } = await createRunner(never).stream(sh("printf abc"));
  // As long as it takes until the program has ended, whatever it said being in the pipe.
  await createRunner(never).run(["sleep", "0.2"]);
  assert.equal(await text(stdout), "abc");
  assert.equal((await finished).exitCode, 0);
});

test("a deadline ends the program and says which one passed", async () => {
  await assert.rejects(
    createRunner(never).run(["sleep", "60"], { deadlineMs: 50 }),
    (error) => isFailure(error, "DEADLINE_PASSED") && /sleep 60 did not finish/.test(error.message),
  );
});

test("an interrupt ends the program and is what is thrown", async () => {
  const interruption = new AbortController();
  const running = createRunner(interruption.signal).run(["sleep", "60"]);
  setTimeout(() => interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" })), 50);
  await assert.rejects(running, (error) => isFailure(error, "INTERRUPTED"));
  await assert.rejects(createRunner(interruption.signal).run(["true"]), (error) =>
    isFailure(error, "INTERRUPTED"),
  );
});

test("what the program reads is what it was given", async () => {
  const { stdout } = await createRunner(never).run(["cat"], { input: "given" });
  assert.equal(stdout, "given");
  assert.equal((await createRunner(never).run(["cat"])).stdout, "");
});

test("more output than the limit is an error, never a cut", async () => {
  await assert.rejects(
    createRunner(never).run(sh("head -c 100000 /dev/zero"), { limit: 1000 }),
    /more than its limit/,
  );
});

test("a program that is not there is named", async () => {
  await assert.rejects(createRunner(never).run(["no-such-program-here"]), /no-such-program-here/);
});

test("a stream hands over what comes and then the exit code", async () => {
  const { stdout, finished } = await createRunner(never).stream(sh("printf abc; exit 4"));
  const chunks: string[] = [];
  for await (const chunk of stdout) chunks.push(String(chunk));
  assert.equal(chunks.join(""), "abc");
  assert.equal((await finished).exitCode, 4);
});
