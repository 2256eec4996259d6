import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryDirectory } from "../../../test/directory.ts";
import { isFailure } from "../../errors.ts";
import { openDestination } from "./destination.ts";

const { signal } = new AbortController();

test("a file is there only when it is finished, and replaces what was there", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "app.tar");
  await writeFile(file, "before");
  const destination = await openDestination({ file }, signal);
  await destination.write(Buffer.from("one"));
  assert.equal(await readFile(file, "utf8"), "before");
  await destination.write(Buffer.from("two"));
  await destination.finish("abc");
  assert.equal(await readFile(file, "utf8"), "onetwo");
  assert.equal(await readFile(`${file}.sha256`, "utf8"), "abc  app.tar\n");
  assert.equal((await readdir(directory)).length, 2);
});

test(
  "a directory that may not be written is told",
  { skip: process.getuid?.() === 0 },
  async (t) => {
    const directory = await temporaryDirectory(t);
    await chmod(directory, 0o500);
    const opening = openDestination({ file: path.join(directory, "app.tar") }, signal);
    await assert.rejects(
      opening,
      (error) => isFailure(error, "ARCHIVE_NOT_WRITABLE") && /EACCES/.test(error.message),
    );
  },
);

test("a kill leaves nothing", async (t) => {
  const directory = await temporaryDirectory(t);
  const module = new URL("destination.ts", import.meta.url).href;
  const program = `
    const { openDestination } = await import(${JSON.stringify(module)});
    const file = ${JSON.stringify(path.join(directory, "app.tar"))};
    const destination = await openDestination({ file }, new AbortController().signal);
    await destination.write(Buffer.alloc(1_000_000));
    process.stdout.write("written");
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  await once(child.stdout, "data");
  assert.equal((await readdir(directory)).length, 1);
  child.kill("SIGKILL");
  await once(child, "exit");
  const end = performance.now() + 10_000;
  while ((await readdir(directory)).length > 0) {
    assert.ok(performance.now() < end, "something stayed");
    await sleep(20);
  }
});
