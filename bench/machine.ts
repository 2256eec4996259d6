/** The machine that was measured, in words that fit any of its kind. */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { Setting } from "./setting.ts";
import type { Machine } from "./table.ts";

/** What can be said before an engine is there; the load, above all, before ours is added to it. */
export function thisMachine(now: Date): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    load: loadavg()[0] ?? 0,
    node: process.version,
    date: now.toISOString().slice(0, 10),
  };
}

export function withEngine(machine: Machine, setting: Setting): Machine {
  return {
    ...machine,
    engine: setting.engineVersion,
    buildx: setting.buildxVersion,
    buildkit: setting.buildkitVersion,
  };
}
