/** One run of the benchmarks: which engine each is measured on, and what became of it. */
import type { Site } from "../provision/site.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { findEngines } from "./engines.ts";
import { thisMachine, withEngine } from "./machine.ts";
import { openSetting } from "./setting.ts";
import type { Machine } from "./table.ts";

export interface Session {
  /** In the order of the benchmarks, and for one benchmark in that of the engines. */
  readonly rows: readonly Row[];
  readonly machine: Machine;
  /** Why no engine was there for those that need one. */
  readonly withoutEngine?: string;
}

/** Measures, one after the other; one that fails does not keep the others from being measured. */
export async function measure(
  chosen: readonly Benchmark[],
  runs: number | undefined,
  site: Site,
): Promise<Session> {
  const machine = thisMachine(new Date());
  const rows = new Map<Benchmark, readonly Row[]>();
  const add = async (one: Benchmark, work: (rounds: number) => Promise<readonly Row[]>) => {
    site.report(`Measuring ${one.name}`);
    const found = await orReason(one, site, async () => await work(runs ?? one.rounds));
    rows.set(one, [...(rows.get(one) ?? []), ...found]);
  };
  const inOrder = () => chosen.flatMap((one) => rows.get(one) ?? []);
  for (const one of chosen) {
    if (one.on === "no-engine") await add(one, async (rounds) => await one.measure(site, rounds));
  }
  if (chosen.every(({ on }) => on === "no-engine")) return { rows: inOrder(), machine };
  const found = await findEngines(site);
  if (found.outcome === "cannot") return { rows: inOrder(), machine, withoutEngine: found.reason };
  let described = machine;
  try {
    for (const [index, engine] of found.engines.entries()) {
      const setting = await openSetting(site, engine);
      if (index === 0) described = withEngine(machine, setting);
      try {
        for (const one of chosen) {
          if (one.on === "no-engine" || (one.on === "one-engine" && index > 0)) continue;
          await add(one, async (rounds) => await one.measure(setting, rounds));
        }
      } finally {
        await setting.close();
      }
    }
  } finally {
    await found.down();
  }
  return { rows: inOrder(), machine: described };
}

async function orReason(
  { name }: Benchmark,
  site: Site,
  work: () => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  try {
    return await work();
  } catch (error) {
    site.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    site.report(`${name} failed: ${reason}`);
    // The terminal has the whole of it; a command line with its paths has no place in a table.
    return [{ outcome: "not-measured", what: name, reason: "failed", isFailure: true }];
  }
}
