import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { ReportEvent } from "../../process/report.ts";
import { openBuildLog } from "./log.ts";

async function directory(context: TestContext): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), "transship-log-"));
  context.after(async () => await rm(made, { recursive: true, force: true }));
  return made;
}

async function open(where: string, runId = "r") {
  const events: ReportEvent[] = [];
  const log = await openBuildLog(where, { report: (event) => events.push(event), runId });
  return { log, events };
}

test("a log holds its lines, and nobody else may read it", async (context) => {
  const where = path.join(await directory(context), "logs");
  const { log, events } = await open(where);
  log.write("one");
  log.write("two");
  await log.close();
  assert.equal(await readFile(log.file ?? "", "utf8"), "one\ntwo\n");
  assert.equal((await stat(log.file ?? "")).mode & 0o777, 0o600);
  assert.deepEqual(events, []);
});

test("the newest twenty are kept, and nothing but logs is removed", async (context) => {
  const where = await directory(context);
  for (let day = 10; day < 35; day += 1)
    await writeFile(path.join(where, `build-20260101T0000${day}Z-x.log`), "");
  await writeFile(path.join(where, "notes.txt"), "");
  const { log } = await open(where);
  await log.close();
  const kept = await readdir(where);
  assert.equal(kept.length, 21);
  assert.ok(kept.includes("notes.txt"));
  assert.ok(!kept.includes("build-20260101T000015Z-x.log"));
  assert.ok(kept.includes("build-20260101T000016Z-x.log"));
});

test("where no log can be kept, a warning says so and the work goes on", async (context) => {
  const file = path.join(await directory(context), "file");
  await writeFile(file, "");
  const { log, events } = await open(path.join(file, "logs"));
  log.write("one");
  await log.close();
  assert.equal(log.file, undefined);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["warning"],
  );
});
