/** Where `transship verify` is measured: a large image, no engine, and a cache that is the benchmark's own. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { ensureBenchImage, type BenchImage } from "../provision/bench-image.ts";
import type { Site } from "../provision/site.ts";
import type { Row } from "./benchmark.ts";
import type { Run } from "./measure.ts";
import { root } from "./setting.ts";

export interface LargeSetting {
  readonly site: Site;
  readonly image: BenchImage;
  /** Temporary, on the file system of the image, so that its blobs can be linked. */
  readonly directory: string;
  /** `transship verify` of that subject, with what the runs before it have cached. */
  readonly cached: (subject: string) => Run;
  /** The same, with an empty cache before each run. */
  readonly cold: (subject: string) => Run;
}

/** Has `measure` done there; where the image cannot be had, that is the row of `what`. */
export async function inLargeSetting(
  site: Site,
  what: string,
  measure: (setting: LargeSetting) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const image = await ensureBenchImage(site);
  if (image.outcome === "cannot") return [notMeasured(what, image.reason)];
  // What a killed run leaves under this name is removed by the next one that brings up engines.
  const directory = await mkdtemp(path.join(site.cache, `bench-${process.pid}-`));
  try {
    return await measure(settingOf(site, image, directory));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function settingOf(site: Site, image: BenchImage, directory: string): LargeSetting {
  const cache = path.join(directory, "cache");
  const main = path.join(root, "dist", "main.js");
  // An engine that does not answer: what is verified can neither come from it nor go into it.
  const env = { XDG_CACHE_HOME: cache, DOCKER_HOST: `unix://${path.join(directory, "no-engine")}` };
  const cached = (subject: string) => ({ argv: [process.execPath, main, "verify", subject], env });
  const before = async () => {
    await rm(cache, { recursive: true, force: true });
    await mkdir(cache);
  };
  return { site, image, directory, cached, cold: (subject) => ({ ...cached(subject), before }) };
}

export function notMeasured(what: string, reason: string): Row {
  return { outcome: "not-measured", what, reason, isFailure: false };
}
