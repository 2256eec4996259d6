/** `transship ship` to a server in a network namespace of its own, against what people do without it. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { ensureBenchImage } from "../provision/bench-image.ts";
import { layersOf, shareBlobs } from "../provision/image-layout.ts";
import { exists } from "../provision/site.ts";
import { installPackages } from "../provision/debian.ts";
import { type Bay, environment, shipping } from "./bay.ts";
import type { EngineBenchmark, Row } from "./benchmark.ts";
import { changeTop } from "./changed.ts";
import { againstLoad, againstPull, againstRegistry } from "./first-ship.ts";
import { notMeasured } from "./large.ts";
import { writeSmallLayers } from "./layers.ts";
import { gnuTime, peakMemory, runs } from "./measure.ts";
import { startServer } from "./server.ts";

export const ship: EngineBenchmark = {
  name: "ship",
  rounds: 5,
  on: "every-engine",
  async measure(setting, rounds) {
    const { site } = setting;
    const image = await ensureBenchImage(site);
    if (image.outcome === "cannot") return [notMeasured("`transship ship`", image.reason)];
    const server = await startServer(setting);
    try {
      const bay = { setting, server, layout: image.layout };
      await site.run(["sh", "-c", `docker load < '${image.archive}'`], { env: setting.env });
      await proveOnce(bay);
      const rows = [
        await againstLoad(bay),
        await againstRegistry(bay),
        await againstPull(bay),
        await changed(bay, rounds),
        await onTheWire(bay, rounds),
        await unchanged(bay, rounds),
        await slowWire(bay),
        await memory(bay),
      ];
      return rows.map((row) => onStore(row, setting.imageStore));
    } finally {
      await server.stop();
    }
  },
};

function onStore(row: Row, imageStore: string): Row {
  return { ...row, what: `${row.what} (${imageStore} image store)` };
}

/** As a build leaves it: every layer was read once. */
async function proveOnce({ setting, server, layout }: Bay): Promise<void> {
  const [program = "", ...args] = setting.transship("verify", `oci:${layout}`);
  await setting.site.attempt([program, ...args], { env: environment(setting, server) });
}

/** The next release, made anew before each run. */
async function release(bay: Bay) {
  const { setting, layout } = bay;
  const next = path.join(path.dirname(layout), `..`, `ship-${process.pid}`);
  const base = await layersOf(layout);
  await rm(next, { recursive: true, force: true });
  await shareBlobs(base, { from: layout, to: next, by: "link" });
  const change = async () => await changeTop(next, base, setting.site.signal);
  return { next, change, remove: async () => await rm(next, { recursive: true, force: true }) };
}

async function changed(bay: Bay, rounds: number): Promise<Row> {
  const { next, change, remove } = await release(bay);
  try {
    const before = async () => void (await change());
    const ours = await runs(
      { ...shipping(bay, next), before },
      { rounds, signal: bay.setting.site.signal },
    );
    return {
      outcome: "measured",
      what: "`transship ship`, the next release, 3 MB changed",
      ours,
      theirs: [],
      target: { kind: "under", ms: 1_000 },
    };
  } finally {
    await remove();
  }
}

async function onTheWire(bay: Bay, rounds: number): Promise<Row> {
  const { next, change, remove } = await release(bay);
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { size } = await change();
      const before = await bay.server.received();
      await runs(shipping(bay, next), {
        rounds: 1,
        warmUps: 0,
        signal: bay.setting.site.signal,
      });
      ours.push((await bay.server.received()) - before);
      theirs.push(size);
    }
  } finally {
    await remove();
  }
  return {
    outcome: "measured",
    what: "bytes on the wire to the server, the next release, 3 MB changed",
    peer: "the changed layer, compressed",
    ours,
    theirs,
    target: { kind: "near", part: 0.02, unit: "bytes" },
  };
}

async function unchanged(bay: Bay, rounds: number): Promise<Row> {
  const ours = await runs(shipping(bay, bay.layout), { rounds, signal: bay.setting.site.signal });
  return {
    outcome: "measured",
    what: "`transship ship`, nothing changed",
    ours,
    theirs: [],
    target: { kind: "under", ms: 500 },
  };
}

const slowBits = 100_000_000;

async function slowWire(bay: Bay): Promise<Row> {
  const { setting, server } = bay;
  const layout = path.join(setting.directory, "small");
  await writeSmallLayers(setting.site, layout);
  await server.renew();
  await server.limit(slowBits);
  try {
    const ours = await runs(shipping(bay, layout), {
      rounds: 1,
      warmUps: 0,
      signal: setting.site.signal,
    });
    return {
      outcome: "measured",
      what: "`transship ship`, 400 MB in 40 layers over a wire of 100 Mbit/s",
      peer: "the bytes that the wire carried ÷ its bandwidth",
      ours,
      theirs: [((await server.carried()) / slowBits) * 1_000],
      target: { kind: "ratio", most: 1.05 },
    };
  } finally {
    await server.limit(undefined);
  }
}

async function memory(bay: Bay): Promise<Row> {
  const { setting, server, layout } = bay;
  if (!(await exists(gnuTime))) await installPackages(setting.site, ["time"]);
  await server.renew();
  const options = { rounds: 1, warmUps: 0, measure: peakMemory, signal: setting.site.signal };
  const ours = await runs(shipping(bay, layout), options);
  return {
    outcome: "measured",
    what: "Peak memory of `transship ship`, 1.5 GB, first time",
    ours,
    theirs: [],
    target: { kind: "memory", bytes: 150_000_000 },
  };
}
