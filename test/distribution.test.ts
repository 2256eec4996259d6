/** What is published: the programs and threads that a process starts stand where it looks for them. */
import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { entries, root } from "../scripts/checkout.js";

test("each program that has a process or thread of its own is an entry of the build", async () => {
  const named = new Set<string>();
  for await (const file of glob("src/**/*.ts", { cwd: root })) {
    const text = await readFile(path.join(root, file), "utf8");
    for (const [, name = ""] of text.matchAll(/programUrl\("([^"]+)"/g)) {
      named.add(path.join(path.dirname(file), `${name}.ts`));
    }
  }
  assert.ok(named.size > 0);
  for (const file of named) assert.ok(entries.includes(file), file);
});
