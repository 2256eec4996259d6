/** The engines to measure on: of our own where that can be, else the one that runs. */
import { type BenchEngine, bringUpBench } from "../provision/bench.ts";
import { ensureBuildkitImage } from "../provision/buildkit.ts";
import { ensureEmulators } from "../provision/emulator.ts";
import { ensureEngine } from "../provision/engine.ts";
import { type Cannot, type Site } from "../provision/site.ts";
import type { ReadyEngine } from "./setting.ts";

export interface Engines {
  readonly outcome: "up";
  readonly engines: readonly ReadyEngine[];
  down(): Promise<void>;
}

/** One with each image store, brought up; or the one that answers to `docker`; or the sentence that says why neither. */
export async function findEngines(site: Site): Promise<Engines | Cannot> {
  const { report, signal } = site;
  const bench = await bringUpBench({ report, signal, only: ["classic", "containerd"] });
  if (bench.outcome === "up") {
    return { ...bench, engines: bench.engines.map(broughtUp) };
  }
  report(`No engines of our own: ${bench.reason}. Measuring on the engine that runs.`);
  const running = await runningEngine(site);
  if ("outcome" in running) return running;
  return { outcome: "up", engines: [running], down: async () => await Promise.resolve() };
}

function broughtUp({ inside, env, buildkitImage, baseLayout }: BenchEngine): ReadyEngine {
  return { inside, env, buildkitImage, baseLayout };
}

async function runningEngine(site: Site): Promise<ReadyEngine | Cannot> {
  const engine = await ensureEngine(site);
  if (engine.outcome === "cannot") return engine;
  const buildkit = await ensureBuildkitImage(site);
  if (buildkit.outcome === "cannot") return buildkit;
  const { image } = buildkit;
  const emulators = await ensureEmulators(site, ["linux/amd64", "linux/arm64"]);
  return {
    inside: [],
    env: {},
    ...(image === undefined ? {} : { buildkitImage: image }),
    ...(emulators.outcome === "cannot" ? { withoutEmulator: emulators.reason } : {}),
  };
}
