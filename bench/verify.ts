/** `transship verify` of a large image against what only inflates it, and against what only checks its digests. */
import path from "node:path";
import { type Crane, ensureCrane } from "../provision/crane.ts";
import { blobName, layersOf, shareBlobs } from "../provision/image-layout.ts";
import type { Cannot } from "../provision/site.ts";
import type { LocalBenchmark, Row } from "./benchmark.ts";
import { changeTop } from "./changed.ts";
import { inLargeSetting, type LargeSetting, notMeasured } from "./large.ts";
import { pairedRuns, runs } from "./measure.ts";
import { startRegistry } from "../provision/registry.ts";
import { root } from "./setting.ts";

export const verify: LocalBenchmark = {
  name: "verify",
  rounds: 5,
  on: "no-engine",
  async measure(site, rounds) {
    return await inLargeSetting(site, "`transship verify`", async (setting) => {
      const crane = await ensureCrane(site);
      return [
        await againstInflating(setting, rounds),
        await againstCrane(setting, crane, rounds),
        await changed(setting, rounds),
        await fromRegistry(setting, crane, rounds),
      ];
    });
  },
};

async function againstInflating({ site, image, cold }: LargeSetting, rounds: number): Promise<Row> {
  const program = path.join(root, "bench", "peers", "inflate.js");
  const layers = await layersOf(image.layout);
  const blobs = layers.map(
    ({ digest, diffId }) => `${path.join(image.layout, blobName(digest))}=${diffId}`,
  );
  const times = await pairedRuns(
    cold(`oci:${image.layout}`),
    { argv: [process.execPath, program, ...blobs] },
    { rounds, signal: site.signal },
  );
  return {
    outcome: "measured",
    what: "`transship verify`, 1.5 GB in three layers, nothing cached",
    peer: "[a program that inflates and hashes them](peers/inflate.js)",
    ...times,
    target: { kind: "ratio", most: 1.25 },
  };
}

async function againstCrane(
  { site, image, cold }: LargeSetting,
  crane: Crane | Cannot,
  rounds: number,
): Promise<Row> {
  const what = "`transship verify`, the same";
  if (crane.outcome === "cannot") return notMeasured(what, crane.reason);
  const times = await pairedRuns(
    cold(`oci:${image.layout}`),
    { argv: [crane.crane, "validate", "--tarball", image.archive] },
    { rounds, signal: site.signal },
  );
  const peer = "`crane validate --tarball`";
  return { outcome: "measured", what, peer, ...times, target: { kind: "ratio", most: 0.2 } };
}

async function changed(
  { site, image, directory, cached }: LargeSetting,
  rounds: number,
): Promise<Row> {
  const layout = path.join(directory, "changed");
  const base = await layersOf(image.layout);
  await shareBlobs(base, { from: image.layout, to: layout, by: "link" });
  const run = {
    ...cached(`oci:${layout}`),
    before: async () => void (await changeTop(layout, base, site.signal)),
  };
  const ours = await runs(run, { rounds, signal: site.signal });
  return {
    outcome: "measured",
    what: "`transship verify`, the same with 3 MB changed on top, the layers below cached",
    ours,
    theirs: [],
    target: { kind: "under", ms: 500 },
  };
}

async function fromRegistry(
  { site, image, directory, cold }: LargeSetting,
  crane: Crane | Cannot,
  rounds: number,
): Promise<Row> {
  const what =
    "`transship verify docker://…`, the same from a registry on the loopback, no engine there";
  if (crane.outcome === "cannot") return notMeasured(what, crane.reason);
  const registry = await startRegistry(site, directory);
  try {
    const name = `${registry.host}/large:1`;
    await site.run([crane.crane, "push", image.layout, name]);
    const times = await pairedRuns(
      cold(`docker://${name}`),
      { argv: [crane.crane, "validate", "--remote", name] },
      { rounds, signal: site.signal },
    );
    const peer = "`crane validate --remote`";
    return { outcome: "measured", what, peer, ...times, target: { kind: "ratio", most: 0.2 } };
  } finally {
    await registry.stop();
  }
}
