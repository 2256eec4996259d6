/** What the proxy of a server takes. */
import { readFile } from "node:fs/promises";
import type { Site } from "../provision/site.ts";
import { proxyName } from "../src/deploy/names.ts";
import type { Server } from "./server.ts";

/** Bytes of its processes, each page once among those that share it (proc_pid_smaps(5), `Pss`). */
export async function proxyMemory(site: Site, { host }: Pick<Server, "host">): Promise<number> {
  const { stdout } = await site.run(["docker", "--host", host, "top", proxyName, "-o", "pid"]);
  const [, ...pids] = stdout.trim().split("\n");
  const sizes = await Promise.all(pids.map(async (pid) => await sizeOf(pid.trim())));
  return sizes.reduce((sum, one) => sum + one, 0);
}

async function sizeOf(pid: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return 1_024 * Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1]);
}
