/** How long `transship doctor` takes once BuildKit and what it builds from are there. */
import type { EngineBenchmark } from "./benchmark.ts";
import { runs } from "./measure.ts";

const what = "`transship doctor`, cached";

export const doctor: EngineBenchmark = {
  name: "doctor",
  rounds: 3,
  on: "one-engine",
  async measure({ transship, builder, env, site }, rounds) {
    const [program = "", ...help] = transship("doctor", "--help");
    const { exitCode } = await site.attempt([program, ...help], { env });
    if (exitCode !== 0)
      return [{ outcome: "not-measured", what, reason: "not there yet", isFailure: false }];
    const run = { argv: transship("doctor", "--builder", builder), env };
    const ours = await runs(run, { rounds, signal: site.signal });
    return [{ outcome: "measured", what, ours, theirs: [], target: { kind: "under", ms: 60_000 } }];
  },
};
