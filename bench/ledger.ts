/** The emulation ledger of `examples/hello` against BuildKit's own record of the same build. */
import path from "node:path";
import * as z from "zod";
import { buildRecord, hasHistory } from "../provision/record.ts";
import type { EngineBenchmark } from "./benchmark.ts";
import { imagePrefix, root } from "./setting.ts";

const document = z.object({
  steps: z.array(z.object({ name: z.string(), emulated: z.boolean().nullable(), ms: z.number() })),
  emulation: z.object({ buildMs: z.number() }),
});

const what = "The ledger of `examples/hello` for another machine";

export const ledger: EngineBenchmark = {
  name: "ledger",
  rounds: 3,
  on: "one-engine",
  async measure({ site, env, builder, foreign, transship, baseFlags, storeFlags }, rounds) {
    const ask = async (args: readonly string[]) => await site.run(["docker", ...args], { env });
    if (!(await hasHistory(ask))) {
      const reason = "buildx shows BuildKit's record since 0.20";
      return [{ outcome: "not-measured", what, reason, isFailure: false }];
    }
    const context = path.join(root, "examples", "hello");
    const image = ["--image", `${imagePrefix}/ledger`, "--context", context];
    const how = ["--platform", foreign, "--builder", builder, "--no-cache", "--no-load", "--json"];
    const flags = [...image, ...how];
    const times = { emulated: pair(), whole: pair() };
    for (let round = 0; round < rounds; round += 1) {
      const [program = "", ...args] = transship("build", ...flags, ...storeFlags, ...baseFlags);
      const { stdout } = await site.run([program, ...args], { env });
      const { steps, emulation } = document.parse(JSON.parse(stdout));
      const record = await buildRecord(builder, "hello", ask);
      const emulated = steps.filter((step) => step.emulated === true);
      if (emulated.length === 0) throw new Error("no step of examples/hello was emulated");
      times.emulated.ours.push(emulated.reduce((sum, { ms }) => sum + ms, 0));
      times.emulated.theirs.push(
        emulated.reduce((sum, { name }) => sum + (record.steps.get(name) ?? Number.NaN), 0),
      );
      times.whole.ours.push(emulation.buildMs);
      times.whole.theirs.push(record.totalMs);
    }
    const shared = {
      outcome: "measured",
      peer: "`docker buildx history`",
      target: { kind: "near", part: 0.05 },
    } as const;
    return [
      { ...shared, what: `${what}: its emulated steps`, ...times.emulated },
      { ...shared, what: `${what}: the whole build`, ...times.whole },
    ];
  },
};

function pair(): { readonly ours: number[]; readonly theirs: number[] } {
  return { ours: [], theirs: [] };
}
