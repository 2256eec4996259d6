import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getPriority } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";

const module = new URL("./priority.ts", import.meta.url).href;
/** Prints the priority of the main thread, and the lowest that any thread has. */
const program = `
  import { readdirSync } from "node:fs";
  import { getPriority } from "node:os";
  import { preferMainThread } from ${JSON.stringify(module)};
  await preferMainThread();
  const all = readdirSync("/proc/self/task").map((thread) => getPriority(Number(thread)));
  console.log(JSON.stringify([getPriority(process.pid), Math.max(...all)]));
`;

const skip = process.platform === "linux" ? false : "threads have no priorities here";

test("the main thread comes before those that work for it", { skip }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    program,
  ]);
  const own = getPriority(process.pid);
  assert.deepEqual(JSON.parse(stdout), [own, Math.min(own + 10, 19)]);
});
