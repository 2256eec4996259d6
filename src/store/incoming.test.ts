import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Incoming } from "./incoming.ts";

test("blobs count as far as they have come, and whole when they are gone from there", async (context) => {
  const store = await mkdtemp(path.join(tmpdir(), "transship-incoming-"));
  context.after(async () => await rm(store, { recursive: true, force: true }));
  const write = async (name: string, size: number, total: string) => {
    const directory = path.join(store, "ingest", name);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, "data"), Buffer.alloc(size));
    await writeFile(path.join(directory, "total"), total);
  };
  const incoming = new Incoming(store);
  await write("of another build", 50, "100");
  assert.deepEqual(await incoming.look(), { current: 0, total: 0 });
  await write("a", 10, "40");
  await write("b", 5, "");
  assert.deepEqual(await incoming.look(), { current: 15, total: 45 });
  await rm(path.join(store, "ingest", "a"), { recursive: true });
  assert.deepEqual(await incoming.look(), { current: 45, total: 45 });
});

test("a store that nobody writes to has nothing coming", async () => {
  assert.deepEqual(await new Incoming("/nowhere").look(), { current: 0, total: 0 });
});
