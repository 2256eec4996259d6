/** The lock of an app on a server, in the shells that a server may have. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { runPieces, startPieces } from "../../../test/deploy/pieces.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { shells } from "../../../test/process/shell.ts";

interface Where {
  readonly words: string;
  readonly place: string;
}

async function run(t: TestContext, where: Where, script: string) {
  return await runPieces(t, { ...where, pieces: ["process", "lock"], script });
}

/** A process that has the lock until its input ends. */
async function holder(t: TestContext, where: Where) {
  const script = "take_lock 'ann@mac since 12:00' && echo has && read -r end; free_lock";
  const child = startPieces(t, { ...where, pieces: ["process", "lock"], script });
  await once(child.stdout, "data");
  return child;
}

for (const { words, skip } of shells) {
  test(`${words}: a lock that somebody has is respected`, { skip }, async (t) => {
    const where = { words, place: await temporaryDirectory(t) };
    const first = await holder(t, where);
    const refused = await run(t, where, "take_lock bob@mac");
    assert.deepEqual(refused, { exitCode: 75, stdout: "ann@mac since 12:00\n", stderr: "" });
    first.stdin.end();
    await once(first, "exit");
    const taken = await run(t, where, "take_lock bob@mac && free_lock");
    assert.deepEqual(taken, { exitCode: 0, stdout: "", stderr: "" });
    assert.deepEqual(await readdir(where.place), []);
  });

  test(
    `${words}: the lock of one that was killed is broken, and that is told`,
    { skip },
    async (t) => {
      const where = { words, place: await temporaryDirectory(t) };
      const first = await holder(t, where);
      first.kill("SIGKILL");
      await once(first, "exit");
      const taken = await run(t, where, 'take_lock bob@mac && cat "$place/lock"');
      assert.equal(taken.exitCode, 0, taken.stderr);
      assert.match(taken.stdout, /^broken ann@mac since 12:00\n\d+ \d+ \S+ bob@mac\n$/);
      assert.deepEqual(await readdir(where.place), ["lock"]);
    },
  );

  test(
    `${words}: a lock from before a reboot is broken, whoever has its number now`,
    { skip },
    async (t) => {
      const where = { words, place: await temporaryDirectory(t) };
      const { stdout } = await run(t, where, 'echo "$PPID $(started "$PPID")"');
      await writeFile(path.join(where.place, "lock"), `${stdout.trim()} another-boot ann@mac\n`);
      const taken = await run(t, where, "take_lock bob@mac");
      assert.deepEqual(taken, { exitCode: 0, stdout: "broken ann@mac\n", stderr: "" });
    },
  );

  test(`${words}: a lock that a power cut has emptied is broken`, { skip }, async (t) => {
    const where = { words, place: await temporaryDirectory(t) };
    await writeFile(path.join(where.place, "lock"), "");
    const taken = await run(t, where, "take_lock bob@mac");
    assert.deepEqual(taken, { exitCode: 0, stdout: "broken \n", stderr: "" });
  });

  test(`${words}: of many who find a stale lock one at a time has it`, { skip }, async (t) => {
    const where = { words, place: await temporaryDirectory(t) };
    await writeFile(path.join(where.place, "lock"), "1 1 another-boot ann@mac\n");
    const inside = 'echo in >> "$place/log"; echo out >> "$place/log"; free_lock';
    const enter = `for n in 1 2 3 4 5 6 7 8; do take_lock bob >/dev/null && { ${inside}; }; done; :`;
    const all = await Promise.all([1, 2, 3, 4, 5].map(async () => await run(t, where, enter)));
    assert.deepEqual(
      new Set(all.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`)),
      new Set(["0 "]),
    );
    assert.match(await readFile(path.join(where.place, "log"), "utf8"), /^(?:in\nout\n)+$/);
    assert.deepEqual(await readdir(where.place), ["log"]);
  });

  test(`${words}: where nothing can be written there is no lock`, { skip }, async (t) => {
    const where = { words, place: path.join(await temporaryDirectory(t), "absent") };
    const refused = await run(t, where, "take_lock bob@mac; echo $?");
    assert.notEqual(refused.stdout, "0\n");
  });
}
