/** What `transship build` looks at before it builds, by its own clock: nothing kept from another run, an emulator to be tried. */
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import type { EngineBenchmark } from "./benchmark.ts";
import { imagePrefix, root } from "./setting.ts";

export const checks: EngineBenchmark = {
  name: "checks",
  rounds: 7,
  on: "one-engine",
  async measure({ site, env, builder, foreign, transship, baseFlags, directory }, rounds) {
    const context = path.join(root, "examples", "hello");
    const name = ["--image", `${imagePrefix}/checks`, "--context", context];
    const how = ["--platform", foreign, "--builder", builder, "--no-load", "--verbose"];
    const flags = [...name, ...how];
    const ours: number[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const cache = await mkdtemp(path.join(directory, "checks-"));
      const [program = "", ...args] = transship("build", ...flags, ...baseFlags);
      const { stderr } = await site.run([program, ...args], {
        env: { ...env, XDG_CACHE_HOME: cache },
      });
      const took = /The checks before the build took (\d+) ms/.exec(stderr)?.[1];
      if (took === undefined) throw new Error("no word of the checks before the build");
      // The first run builds what the others find in the cache.
      if (round >= 0) ours.push(Number(took));
    }
    const what = "The checks before a build for another machine, nothing kept from another run";
    return [{ outcome: "measured", what, ours, theirs: [], target: { kind: "under", ms: 500 } }];
  },
};
