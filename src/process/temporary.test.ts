import assert from "node:assert/strict";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { inTemporaryDirectory, leftDirectories } from "./temporary.ts";

test("a temporary directory goes with its work, done or failed", async () => {
  let seen = "";
  const work = async (directory: string) => {
    seen = directory;
    await writeFile(path.join(directory, "file"), "x");
    throw new Error("no luck");
  };
  await assert.rejects(inTemporaryDirectory("build", work), /no luck/);
  await assert.rejects(stat(seen));
});

test("what a killed process left is told from what a live one has", async (context) => {
  // No process has this number: it is above the kernel's limit.
  const left = path.join(tmpdir(), "transship-build-4194999-abcdef");
  await mkdir(left);
  context.after(async () => await rm(left, { recursive: true, force: true }));
  await inTemporaryDirectory("image", async (mine) => {
    const found = await leftDirectories();
    assert.ok(found.includes(left));
    assert.ok(!found.includes(mine));
  });
});
