import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type Cleanup, startGuard } from "./guard.ts";
import { waitFor } from "./wait.ts";

async function fileToRemove(context: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-guard-"));
  context.after(async () => await rm(directory, { recursive: true, force: true }));
  const file = path.join(directory, "left-behind");
  await writeFile(file, "");
  return file;
}

async function gone(file: string): Promise<void> {
  await waitFor(async () => (existsSync(file) ? undefined : true), {
    what: "the removal",
    deadlineMs: 20_000,
    signal: new AbortController().signal,
  });
}

void describe("the guard", () => {
  void it("does its commands when it is released, and says that they succeeded", async (context) => {
    const file = await fileToRemove(context);
    const guard = startGuard([{ command: ["rm", file] }]);
    assert.equal(await guard.release("once", 20_000), true);
    assert.equal(existsSync(file), false);
  });

  void it("looks again when it is released thoroughly", async (context) => {
    const file = await fileToRemove(context);
    await rm(file);
    const guard = startGuard([{ command: ["rm", "-f", file] }]);
    const released = guard.release("thorough", 20_000);
    await writeFile(file, "");
    assert.equal(await released, true);
    assert.equal(existsSync(file), false);
  });

  void it("says that a command failed, and does the others all the same", async (context) => {
    const file = await fileToRemove(context);
    const guard = startGuard([{ command: ["rm", `${file}-not-there`] }, { command: ["rm", file] }]);
    assert.equal(await guard.release("once", 20_000), false);
    assert.equal(existsSync(file), false);
  });

  void it("adds the words that a list prints, and runs nothing where it prints none", async (context) => {
    const file = await fileToRemove(context);
    const guard = startGuard([{ command: ["false"] }]);
    guard.expect([
      { list: ["printf", ""], command: ["false"] },
      { list: ["ls", path.dirname(file)], command: ["rm", "-r", path.dirname(file)] },
    ]);
    // The listed word is a relative name that is not there, so rm removes the directory and fails.
    assert.equal(await guard.release("once", 20_000), false);
    assert.equal(existsSync(file), false);
  });

  void it("does them also when its owner is killed", async (context) => {
    const file = await fileToRemove(context);
    const cleanups: readonly Cleanup[] = [{ command: ["rm", "-f", file] }];
    const guardModule = JSON.stringify(new URL("./guard.ts", import.meta.url).href);
    const script = `
      const { startGuard } = await import(${guardModule});
      startGuard(${JSON.stringify(cleanups)});
      console.log("guarded");
      setInterval(() => {}, 1000);
    `;
    const owner = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(owner.stdout, "data");
    assert.ok(existsSync(file));
    owner.kill("SIGKILL");
    await gone(file);
  });
});
