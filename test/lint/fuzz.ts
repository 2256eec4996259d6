/**
 * Lints Dockerfiles that were changed at random, and tells of each that crashes or takes long.
 *
 *     node test/lint/fuzz.ts                          100,000 files, by a seed that is printed
 *     node test/lint/fuzz.ts --seed 7 --count 1000    the same ones each time
 */
import { parseArgs } from "node:util";
import { checkLinted } from "./linted.ts";
import { randomOf } from "../random.ts";
import { mutated } from "./mutation.ts";

/** In milliseconds. A file takes some two. */
const slow = 100;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    count: { type: "string", default: "100000" },
  },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
process.stdout.write(`seed ${seed}, ${count} files\n`);

const random = randomOf(seed);
let faults = 0;
for (let at = 0; at < count; at += 1) {
  const text = mutated(random);
  const fault = faultOf(text);
  if (fault === undefined) continue;
  faults += 1;
  process.stdout.write(`\n${at}: ${fault}\n${JSON.stringify(text)}\n`);
}
process.stdout.write(`${faults} that crash or take long\n`);
process.exitCode = faults > 0 ? 1 : 0;

function faultOf(text: string): string | undefined {
  // What took long once may have waited for the machine.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const start = performance.now();
    try {
      checkLinted(text);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (performance.now() - start < slow) return undefined;
  }
  return `more than ${slow} ms`;
}
