/** A server to ship to: an engine with the image store of the benchmark's own, and an ssh server, in a network namespace. */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { startEngine } from "../provision/engine.ts";
import { ensureNetwork, insideNetwork, removeNetwork } from "../provision/network.ts";
import { startSshServer } from "../provision/ssh-server.ts";
import { openDisk } from "./disk.ts";
import type { Setting } from "./setting.ts";

export interface Server {
  /** `root@10.0.0.2`. */
  readonly login: string;
  /** A directory for the PATH, whose `ssh` knows it. */
  readonly client: string;
  /** Its engine's address, for this machine. */
  readonly host: string;
  /** argv in front of a program that is to run on it. */
  readonly inside: readonly string[];
  /** Bytes that went to it over the wire until now, those of all headers among them. */
  received(): Promise<number>;
  /** Bits that the limited wire has carried, headers and all. */
  carried(): Promise<number>;
  /** Limits the wire to it to so many bits a second, or lets go of it. */
  limit(bits: number | undefined): Promise<void>;
  /** Its engine starts anew on a new disk, and has never had an image. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

/** Third numbers of addresses that no engine of ours has. */
const subnets = { classic: 98, containerd: 99 } as const;

/** @throws where engines cannot be started */
export async function startServer({ site, imageStore }: Setting): Promise<Server> {
  const name = `transship-bench-${imageStore}-${process.pid}`;
  const subnet = subnets[imageStore];
  const directory = await mkdtemp(path.join(site.cache, `bench-${process.pid}-server-`));
  const undo = [async () => await rm(directory, { recursive: true, force: true })];
  const stop = async () => {
    for (const one of undo.splice(0).toReversed()) await one().catch(() => {});
  };
  try {
    undo.push(async () => await removeNetwork(site, name, subnet));
    const { address, link } = await ensureNetwork(site, name, subnet);
    const inside = insideNetwork(name);
    const place = path.join(directory, "engine");
    const disk = await openDisk(site, path.join(directory, "disk"), path.join(place, "data"));
    undo.push(async () => await disk.close());
    const start = async () => await startEngine(site, { directory: place, imageStore, inside });
    let engine = await start();
    undo.push(async () => await engine.stop());
    const env = { DOCKER_HOST: engine.host, XDG_STATE_HOME: path.join(directory, "state") };
    const files = path.join(directory, "ssh");
    await mkdir(files);
    const server = await startSshServer(site, { directory: files, inside, address, env });
    undo.push(async () => await server.stop());
    return {
      login: `root@${address}`,
      host: engine.host,
      client: server.client,
      inside,
      stop,
      async received() {
        return Number(await readFile(`/sys/class/net/${link}/statistics/tx_bytes`, "utf8"));
      },
      async carried() {
        const { stdout } = await site.run(["tc", "-s", "qdisc", "show", "dev", link]);
        return 8 * Number(/Sent (\d+) bytes/.exec(stdout)?.[1] ?? Number.NaN);
      },
      async limit(bits) {
        await site.attempt(["tc", "qdisc", "del", "dev", link, "root"]);
        if (bits === undefined) return;
        const wire = ["tbf", "rate", `${bits}bit`, "burst", "256kb", "latency", "50ms"];
        await site.run(["tc", "qdisc", "add", "dev", link, "root", ...wire]);
      },
      async renew() {
        await engine.stop();
        await disk.renew();
        engine = await start();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
