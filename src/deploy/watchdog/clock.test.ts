/** Time and deadlines on a server, in the shells that it may have. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runPieces } from "../../../test/deploy/pieces.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { gone, shells, writtenPid } from "../../../test/process/shell.ts";

async function run(t: TestContext, words: string, script: string) {
  const place = await temporaryDirectory(t);
  const began = performance.now();
  const ran = await runPieces(t, {
    words,
    pieces: ["clock"],
    place,
    script,
    env: { TRANSSHIP_TEST_PLACE: place },
  });
  return { ...ran, place, ms: performance.now() - began };
}

for (const { words, skip } of shells) {
  test(
    `${words}: the time grows, in milliseconds, as numbers that a shell counts in`,
    { skip },
    async (t) => {
      const { stdout, ms } = await run(
        t,
        words,
        "one=$(now); pause; two=$(now); echo $((two - one))",
      );
      assert.ok(Number(stdout) >= 90 && Number(stdout) <= ms + 20, stdout);
    },
  );

  test(
    `${words}: within its time a command has its own exit code, input and output`,
    { skip },
    async (t) => {
      const script = `echo "  from outside" | within 9 cat
within 9 sh -c 'echo "$# $1"; exit 7' sh 'a  b'; echo "$?"
works() { echo "in $1"; return 3; }
words=$(within 9 works here) || echo "$? $words"
read -r next; echo "next $next"`;
      const { stdout, stderr, exitCode, ms } = await run(
        t,
        words,
        `{ ${script}\n} <<END\nline\nEND`,
      );
      assert.deepEqual([exitCode, stderr], [0, ""]);
      assert.equal(stdout, "  from outside\n1 a  b\n7\n3 in here\nnext line\n");
      assert.ok(ms < 5_000);
    },
  );

  test(
    `${words}: what takes too long is told to end, and leaves nothing behind`,
    { skip },
    async (t) => {
      const script = `words=$(within 1 sh -c 'echo $$ > "$1/pid"; exec sleep 30' sh "$place"); echo $?`;
      const { stdout, place, ms } = await run(t, words, script);
      assert.match(stdout, /^(?!0)\d+\n$/);
      assert.ok(ms > 900 && ms < 5_000, `${ms} ms`);
      await gone(await writtenPid(path.join(place, "pid")));
    },
  );

  test(`${words}: what does not heed that is ended`, { skip }, async (t) => {
    const script = `within 1 sh -c 'trap "" TERM; echo $$ > "$1/pid"; sleep 2; sleep 2; sleep 2; sleep 2; sleep 2' sh "$place"; echo $?`;
    const { stdout, place, ms } = await run(t, words, script);
    assert.match(stdout, /^(?!0)\d+\n$/);
    assert.ok(ms < 9_500, `${ms} ms`);
    await gone(await writtenPid(path.join(place, "pid")));
  });

  test(`${words}: where it is done in time its timer goes with it`, { skip }, async (t) => {
    const script = "for n in 1 2 3 4 5 6 7 8 9 10; do within 30 true; done; within 30 sleep 0.2";
    const { stderr, place, ms } = await run(t, words, script);
    assert.equal(stderr, "");
    assert.ok(ms < 5_000, `${ms} ms`);
    await sleep(1_200);
    assert.deepEqual(await processesOf(place), []);
  });
}

/** Those whose environment names it. */
async function processesOf(place: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const isIts = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      return environment.split("\0").includes(`TRANSSHIP_TEST_PLACE=${place}`);
    }),
  );
  return pids.filter((_, n) => isIts[n]);
}
