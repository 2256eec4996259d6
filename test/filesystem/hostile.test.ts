/** Layers that were made to cost memory: each is read in a process of its own (`./hostile.ts`), two at once. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";

const run = promisify(execFile);
const reader = fileURLToPath(new URL("hostile.ts", import.meta.url));
const mostBytes = 256_000_000;

const result = z.object({
  outcome: z.string(),
  said: z.array(z.string()),
  entries: z.number(),
  residentBytes: z.number(),
});

const tooMany = /more paths than are kept/;
const cases: Readonly<Record<string, RegExp | undefined>> = {
  "more files than are looked at": tooMany,
  "more directories than are looked at": /more than 120000 directories/,
  "paths of 45 directories each": /more than 120000 directories/,
  "paths of 4,000 bytes": tooMany,
  "targets of 4,000 bytes": tooMany,
  "zstd windows of 64 MiB": undefined,
  "a bomb of gzip": undefined,
  "large archives": undefined,
};
for (const [name, said] of Object.entries(cases)) {
  test(`${name} take less than 256 MB, and what is left out of them is said`, async () => {
    const { stdout } = await run(process.execPath, [reader, name]);
    const read = result.parse(JSON.parse(stdout));
    assert.equal(read.outcome, "read");
    if (said === undefined) assert.deepEqual(read.said, []);
    else assert.match(read.said.join("\n"), said);
    assert.ok(read.residentBytes < mostBytes, `${read.residentBytes} bytes were resident`);
  });
}
