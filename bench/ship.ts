/** `transship ship` to a server in a network namespace of its own, against what people do without it. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { ensureBenchImage } from "../provision/bench-image.ts";
import { layersOf, shareBlobs } from "../provision/image-layout.ts";
import { startRegistry } from "../provision/registry.ts";
import { exists } from "../provision/site.ts";
import { installPackages } from "../provision/debian.ts";
import type { EngineBenchmark, Row } from "./benchmark.ts";
import { changeTop } from "./changed.ts";
import { notMeasured } from "./large.ts";
import { writeSmallLayers } from "./layers.ts";
import { gnuTime, pairedRuns, peakMemory, type Run, runs } from "./measure.ts";
import { type Server, startServer } from "./server.ts";
import type { Setting } from "./setting.ts";

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
      return [
        await againstLoad(bay),
        await againstRegistry(bay),
        await againstPull(bay),
        await changed(bay, rounds),
        await onTheWire(bay, rounds),
        await unchanged(bay, rounds),
        await slowWire(bay),
        await memory(bay),
      ];
    } finally {
      await server.stop();
    }
  },
};

interface Bay {
  readonly setting: Setting;
  readonly server: Server;
  /** Of the image of 1.5 GB. */
  readonly layout: string;
}

const name = "transship-bench/ship:1";

function shipping({ setting, server }: Bay, layout: string): Run {
  const argv = ["ship", `oci:${layout}`, server.login, "--name", name];
  return { argv: setting.transship(...argv), env: environment(setting, server) };
}

/** The store is the benchmark's own, as is what is kept of layers that were read. */
function environment({ env, directory }: Setting, { client }: Server): Record<string, string> {
  const cache = path.join(directory, "ship-cache");
  return { ...env, XDG_CACHE_HOME: cache, PATH: `${client}:${env["PATH"] ?? process.env["PATH"]}` };
}

/** As a build leaves it: every layer was read once. */
async function proveOnce({ setting, server, layout }: Bay): Promise<void> {
  const [program = "", ...args] = setting.transship("verify", `oci:${layout}`);
  await setting.site.attempt([program, ...args], { env: environment(setting, server) });
}

/** The engine's own name for the image that was loaded from the archive. */
async function sourceId({ setting }: Bay): Promise<string> {
  const args = ["docker", "image", "ls", "--no-trunc", "--format", "{{.ID}} {{.Size}}"] as const;
  const { stdout } = await setting.site.run(args, { env: setting.env });
  const [id = ""] = (stdout.split("\n").find((line) => line.endsWith("GB")) ?? "").split(" ");
  return id;
}

async function againstLoad(bay: Bay): Promise<Row> {
  const { setting, server, layout } = bay;
  const id = await sourceId(bay);
  const line = `docker save ${id} | gzip | ssh ${server.login} docker load`;
  const before = async () => await server.renew();
  const env = environment(setting, server);
  const times = await pairedRuns(
    { ...shipping(bay, layout), before },
    { argv: setting.command("bash", "-o", "pipefail", "-c", line), env, before },
    { rounds: 1, warmUps: 0, signal: setting.site.signal },
  );
  return {
    outcome: "measured",
    what: `\`transship ship\`, 1.5 GB, first time, ${setting.imageStore} image stores`,
    peer: "`docker save \\| gzip \\| ssh SERVER docker load`",
    ...times,
    target: { kind: "ratio", most: 0.35 },
  };
}

async function againstRegistry(bay: Bay): Promise<Row> {
  const { setting, server, layout } = bay;
  const id = await sourceId(bay);
  const registry = await startRegistry(setting.site, setting.directory, { inside: setting.inside });
  try {
    const there = `${registry.host}/app:1`;
    const pull = `ssh -R ${registry.host}:${registry.host} ${server.login} docker pull ${there}`;
    const line = `docker tag ${id} ${there} && docker push ${there} && ${pull}`;
    const before = async () => {
      await server.renew();
      await rm(path.join(setting.directory, "registry"), { recursive: true, force: true });
    };
    const env = environment(setting, server);
    const times = await pairedRuns(
      { ...shipping(bay, layout), before },
      { argv: setting.command("bash", "-c", line), env, before },
      { rounds: 1, warmUps: 0, signal: setting.site.signal },
    );
    await setting.site.attempt(["docker", "image", "rm", there], { env: setting.env });
    return {
      outcome: "measured",
      what: "`transship ship`, the same",
      peer: "`docker push` to a registry on the loopback, then `docker pull` through `ssh -R`",
      ...times,
      target: { kind: "ratio", most: 1.15 },
    };
  } finally {
    await registry.stop();
  }
}

/** What is left where nothing has to be carried: the engine's own work, most of it unpacking, one layer after the other. */
async function againstPull(bay: Bay): Promise<Row> {
  const { setting, server, layout } = bay;
  const directory = path.join(setting.directory, "beside");
  await mkdir(directory);
  const registry = await startRegistry(setting.site, directory, { inside: server.inside });
  try {
    const there = `${registry.host}/app:1`;
    const before = async () => await server.renew();
    const options = { rounds: 1, warmUps: 0, signal: setting.site.signal };
    const ours = await runs({ ...shipping(bay, layout), before }, options);
    const onServer = (line: string): Run => ({
      argv: ["ssh", server.login, line],
      env: environment(setting, server),
    });
    await runs(onServer(`docker tag ${name} ${there} && docker push --quiet ${there}`), options);
    const theirs = await runs({ ...onServer(`docker pull ${there}`), before }, options);
    return {
      outcome: "measured",
      what: "`transship ship`, the same",
      peer: "`docker pull` on the server from a registry beside its engine: no wire, no ssh",
      ours,
      theirs,
      target: { kind: "ratio", most: 1.2 },
    };
  } finally {
    await registry.stop();
  }
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
