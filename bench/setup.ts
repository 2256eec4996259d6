/** How long `transship setup` takes where there is nothing to do. */
import type { EngineBenchmark } from "./benchmark.ts";
import { pairedRuns } from "./measure.ts";

/** Beside it, what buildx alone does about a builder that is there: one question, no probe of an emulator. */
export const setup: EngineBenchmark = {
  name: "setup",
  rounds: 11,
  on: "one-engine",
  async measure({ transship, command, setupFlags, builder, env, site }, rounds) {
    const times = await pairedRuns(
      { argv: transship("setup", ...setupFlags), env },
      { argv: command("docker", "buildx", "inspect", "--bootstrap", builder), env },
      { rounds, signal: site.signal },
    );
    return [
      {
        outcome: "measured",
        what: "`transship setup`, healthy builder",
        peer: "`docker buildx inspect --bootstrap`",
        ...times,
        target: { kind: "under", ms: 1000 },
      },
    ];
  },
};
