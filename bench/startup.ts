/** How long `transship --help` takes over bare node. */
import path from "node:path";
import type { LocalBenchmark } from "./benchmark.ts";
import { pairedRuns } from "./measure.ts";
import { root } from "./setting.ts";

export const startup: LocalBenchmark = {
  name: "startup",
  rounds: 31,
  on: "no-engine",
  async measure({ signal }, rounds) {
    const main = path.join(root, "dist", "main.js");
    const times = await pairedRuns(
      { argv: [process.execPath, main, "--help"] },
      { argv: [process.execPath, "--eval", "0"] },
      { rounds, signal },
    );
    return [
      {
        outcome: "measured",
        what: "`transship --help`",
        peer: "`node --eval 0`",
        ...times,
        target: { kind: "over-peer", ms: 20 },
      },
    ];
  },
};
