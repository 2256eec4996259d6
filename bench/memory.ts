/** How much memory `transship verify` has resident at most, whatever the size of the image. */
import { ensureBenchImage8g } from "../provision/bench-image-8g.ts";
import { installPackages } from "../provision/debian.ts";
import { exists } from "../provision/site.ts";
import type { LocalBenchmark } from "./benchmark.ts";
import { inLargeSetting } from "./large.ts";
import { gnuTime, pairedRuns, peakMemory, runs } from "./measure.ts";

const limit = 200_000_000;

export const memory: LocalBenchmark = {
  name: "memory",
  rounds: 3,
  on: "no-engine",
  async measure(site, rounds) {
    return await inLargeSetting(site, "memory of `transship verify`", async (setting) => {
      const { image, cold, cached } = setting;
      const [small, large] = [
        `oci:${image.layout}`,
        `oci:${await ensureBenchImage8g(site, image)}`,
      ];
      if (!(await exists(gnuTime))) await installPackages(site, ["time"]);
      const options = { rounds, measure: peakMemory, signal: site.signal };
      const peaks = await pairedRuns(cold(large), cold(small), { ...options, warmUps: 0 });
      // The run that does not count fills the cache.
      const again = await runs(cached(large), options);
      return [
        {
          outcome: "measured",
          what: "Peak memory of `transship verify`, 1.5 GB, nothing cached",
          ours: peaks.theirs,
          theirs: [],
          target: { kind: "memory", bytes: limit },
        },
        {
          outcome: "measured",
          what: "Peak memory of `transship verify`, 8 GB, nothing cached",
          peer: "the same of 1.5 GB",
          ...peaks,
          target: { kind: "memory", bytes: limit, most: 1.1 },
        },
        {
          outcome: "measured",
          what: "Peak memory of `transship verify`, 8 GB, every layer cached",
          ours: again,
          theirs: [],
          target: { kind: "memory", bytes: limit },
        },
      ];
    });
  },
};
