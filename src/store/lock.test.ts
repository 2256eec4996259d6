import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../../test/directory.ts";
import { fail, isFailure } from "../errors.ts";
import type { Lock, LockMode } from "../process/lock.ts";
import { lockStore } from "./lock.ts";

const holder = fileURLToPath(new URL("../../test/store/holder.ts", import.meta.url));

async function lock(
  directory: string,
  mode: LockMode,
  { deadlineMs = 0, signal = new AbortController().signal } = {},
): Promise<Lock> {
  return await lockStore(directory, "content", { mode, purpose: "a test", deadlineMs, signal });
}

/** A process of its own that has the lock. */
async function holderOf(t: TestContext, directory: string, mode: LockMode): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, directory, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await firstLine(child.stdout);
  return child;
}

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  return "";
}

const isLocked = (error: unknown) => isFailure(error, "STORE_LOCKED");

test("shared locks stand side by side, an exclusive one alone", async (t) => {
  const directory = await temporaryDirectory(t);
  const shared = [await lock(directory, "shared"), await lock(directory, "shared")];
  await assert.rejects(lock(directory, "exclusive"), isLocked);
  for (const one of shared) await one.release();
  const exclusive = await lock(directory, "exclusive");
  await assert.rejects(lock(directory, "shared"), isLocked);
  await assert.rejects(lock(directory, "exclusive"), isLocked);
  await exclusive.release();
  await (await lock(directory, "shared")).release();
});

test("locks of different names do not exclude each other", async (t) => {
  const directory = await temporaryDirectory(t);
  await lock(directory, "exclusive");
  const options = { mode: "exclusive", purpose: "a test", deadlineMs: 0 } as const;
  await lockStore(directory, "names", { ...options, signal: new AbortController().signal });
});

test("whoever waits gets the lock when it is released", async (t) => {
  const directory = await temporaryDirectory(t);
  const first = await lock(directory, "exclusive");
  const waiting = lock(directory, "exclusive", { deadlineMs: 30_000 });
  await first.release();
  await (await waiting).release();
});

test("of many who want it alone each has it alone, and all get it", async (t) => {
  const directory = await temporaryDirectory(t);
  let inside = 0;
  const turns = Array.from({ length: 12 }, async () => {
    const own = await lock(directory, "exclusive", { deadlineMs: 60_000 });
    inside += 1;
    assert.equal(inside, 1);
    await readdir(directory);
    inside -= 1;
    await own.release();
  });
  await Promise.all(turns);
  assert.deepEqual(await readdir(path.join(directory, ".lock")), []);
});

test("who has it is named, with the file to remove", async (t) => {
  const directory = await temporaryDirectory(t);
  const child = await holderOf(t, directory, "exclusive");
  await assert.rejects(lock(directory, "shared"), (error) => {
    assert.ok(isFailure(error, "STORE_LOCKED"));
    assert.match(error.message, new RegExp(`in use by a test \\(process ${child.pid}\\)`));
    assert.match(error.hint, /rm .*\.lock\/content\.exclusive\./);
    return true;
  });
});

for (const mode of ["shared", "exclusive"] as const) {
  test(`a ${mode} lock whose owner was killed is taken over`, async (t) => {
    const directory = await temporaryDirectory(t);
    const child = await holderOf(t, directory, mode);
    await assert.rejects(lock(directory, "exclusive"), isLocked);
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await lock(directory, "exclusive")).release();
    assert.deepEqual(await readdir(path.join(directory, ".lock")), []);
  });
}

test(
  "an owner that was killed and that nobody waited for holds nothing",
  { skip: process.platform !== "linux" },
  async (t) => {
    const directory = await temporaryDirectory(t);
    // What the shell becomes never asks for its child's end, as a container's first process may not.
    const script = '"$@" & echo $! >&2; exec sleep 600';
    const parent = spawn("sh", ["-c", script, "sh", process.execPath, holder, directory, "shared"]);
    t.after(() => parent.kill("SIGKILL"));
    const [pid] = await Promise.all([firstLine(parent.stderr), firstLine(parent.stdout)]);
    process.kill(Number(pid), "SIGKILL");
    await (await lock(directory, "exclusive", { deadlineMs: 30_000 })).release();
    assert.doesNotThrow(() => process.kill(Number(pid), 0));
  },
);

test("a process that was given a dead owner's number is not the owner", async (t) => {
  const directory = await temporaryDirectory(t);
  await mkdir(path.join(directory, ".lock"));
  const content = { host: hostname(), purpose: "a test", started: "1" };
  const file = path.join(directory, ".lock", `content.exclusive.${process.ppid}.0123`);
  await writeFile(file, JSON.stringify(content));
  await (await lock(directory, "exclusive")).release();
});

test("an owner on another machine is not judged from here", async (t) => {
  const directory = await temporaryDirectory(t);
  await mkdir(path.join(directory, ".lock"));
  const content = { host: "elsewhere.example", purpose: "a build", started: "1" };
  const file = path.join(directory, ".lock", "content.exclusive.999999999.0123");
  await writeFile(file, JSON.stringify(content));
  await assert.rejects(
    lock(directory, "shared"),
    (error) => isFailure(error, "STORE_LOCKED") && /on elsewhere\.example/.test(error.message),
  );
});

test("an interrupt ends the wait and leaves no claim", async (t) => {
  const directory = await temporaryDirectory(t);
  const first = await lock(directory, "exclusive");
  const interruption = new AbortController();
  const waiting = lock(directory, "exclusive", {
    deadlineMs: 60_000,
    signal: interruption.signal,
  });
  interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" }));
  await assert.rejects(waiting, (error) => isFailure(error, "INTERRUPTED"));
  await first.release();
  assert.deepEqual(await readdir(path.join(directory, ".lock")), []);
});
