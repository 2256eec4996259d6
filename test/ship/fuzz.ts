/**
 * Sends an endpoint requests that were changed at random, and tells of each that gets what it should not, or leaves anything behind.
 *
 *     node test/ship/fuzz.ts                          50,000 exchanges, by a seed that is printed
 *     node test/ship/fuzz.ts --seed 7 --count 1000    the same ones each time
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { inParallel } from "../../src/process/parallel.ts";
import { liveEndpoint, openFiles, tellsOpenFiles } from "./live-endpoint.ts";
import { mutantOptions, sendMutant } from "./mutants.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    count: { type: "string", default: "50000" },
  },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
process.stdout.write(`seed ${seed}, ${count} exchanges\n`);

const directory = await mkdtemp(path.join(tmpdir(), "transship-fuzz-"));
const socketsBefore = tellsOpenFiles ? openFiles("socket:").length : 0;
const live = await liveEndpoint({ directory, ...mutantOptions });
live.serve();
const statuses = new Map<number, number>();
const faults: string[] = [];
let strangers = 0;
await inParallel(
  Array.from({ length: count }).map((_, n) => n),
  48,
  async (n) => {
    const { text, fault, answers } = await sendMutant(live, seed * 1_000_003 + n);
    for (const { status, body } of answers) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (body.includes("NAME_UNKNOWN")) strangers += 1;
    }
    if (fault === undefined) return;
    faults.push(fault);
    process.stdout.write(`\n${n}: ${fault}\n${JSON.stringify(text)}\n`);
  },
);
const foreign = live.endpoint.foreign();
if (foreign < strangers) faults.push(`${foreign} foreign requests, and ${strangers} were told so`);
faults.push(...live.failures.map(String));
await live.endpoint.close();
if (tellsOpenFiles) {
  const left = openFiles("socket:").length - socketsBefore + openFiles(directory).length;
  if (left > 0) faults.push(`${left} sockets or files are open`);
}
await rm(directory, { recursive: true });

const all = [...statuses].toSorted(([one], [other]) => one - other);
process.stdout.write(`${all.map(([status, times]) => `${status}: ${times}`).join(", ")}\n`);
process.stdout.write(`${foreign} foreign, ${faults.length} faults\n`);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
