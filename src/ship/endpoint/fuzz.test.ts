import assert from "node:assert/strict";
import { test } from "node:test";
import { mutantOptions, sendMutant } from "../../../test/ship/mutants.ts";
import { openFiles, servedEndpoint, tellsOpenFiles } from "../../../test/ship/live-endpoint.ts";
import { inParallel } from "../../process/parallel.ts";

test("whatever becomes of a request, it gets its answer or none, and nothing else", async (t) => {
  const live = await servedEndpoint(t, mutantOptions);
  const seed = Date.now();
  const seeds = Array.from({ length: 200 }, (_, n) => seed + n);
  await inParallel(seeds, 48, async (one) => {
    const { fault, text } = await sendMutant(live, one);
    assert.equal(fault, undefined, `seed ${one}: ${JSON.stringify(text)}`);
  });
  await live.endpoint.close();
  assert.deepEqual(live.failures, []);
  if (tellsOpenFiles) assert.deepEqual(openFiles(live.directory), []);
});
