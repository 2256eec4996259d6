/**
 * `npm run bench`: every promise about time and memory, measured on engines that it brings up itself, and written into bench/README.md.
 *
 *     npm run bench                      everything; writes the page
 *     npm run bench -- build cold        these alone, to the terminal
 *     npm run bench -- test --runs 9     as often
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { createSite } from "../provision/site.ts";
import type { Benchmark } from "./benchmark.ts";
import { coldBuild, unchangedBuild } from "./build.ts";
import { checks } from "./checks.ts";
import { compatTest } from "./compat.ts";
import { deploy } from "./deploy.ts";
import { doctor } from "./doctor.ts";
import { ledger } from "./ledger.ts";
import { memory } from "./memory.ts";
import { lint } from "./lint.ts";
import { measure } from "./session.ts";
import { root } from "./setting.ts";
import { setup } from "./setup.ts";
import { ship } from "./ship.ts";
import { startup } from "./startup.ts";
import { page, table } from "./table.ts";
import { verify } from "./verify.ts";

const benchmarks: readonly Benchmark[] = [
  startup,
  lint,
  verify,
  memory,
  setup,
  unchangedBuild,
  coldBuild,
  checks,
  ledger,
  compatTest,
  doctor,
  ship,
  deploy,
];
const names: readonly string[] = benchmarks.map(({ name }) => name);

const interruption = new AbortController();
let interruptedWith: number | undefined;
for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
  process.once(signal, () => {
    interruptedWith = code;
    interruption.abort();
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (interruptedWith === undefined) throw error;
  process.exitCode = interruptedWith;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: "string" } },
  });
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  const areNamed = positionals.every((name) => names.includes(name));
  if (!areNamed || (runs !== undefined && !(Number.isInteger(runs) && runs > 0))) {
    say(`Usage: npm run bench -- [--runs N] [${names.join("|")} …]`);
    return 2;
  }
  const isWhole = positionals.length === 0;
  const chosen = benchmarks.filter(({ name }) => isWhole || positionals.includes(name));
  const site = createSite({ signal: interruption.signal, report: say });
  const { rows, machine, withoutEngine } = await measure(chosen, runs, site);
  process.stdout.write(`\n${table(rows)}\n`);
  if (withoutEngine !== undefined) {
    say(`No engine for the others: ${withoutEngine}`);
    return 4;
  }
  if (rows.some((row) => row.outcome === "not-measured" && row.isFailure)) return 5;
  if (!isWhole) return 0;
  await writeFile(path.join(root, "bench", "README.md"), page(rows, machine));
  say("Written: bench/README.md");
  return 0;
}

function say(line: string): void {
  process.stderr.write(`# ${line}\n`);
}
