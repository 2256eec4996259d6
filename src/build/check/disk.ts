/** Whether there is room for a build: where the store lies, and where the engine keeps its data. */
import { statfs } from "node:fs/promises";
import path from "node:path";
import { freeEngineBytes } from "../../engine/disk.ts";
import type { EngineFacts } from "../../engine/facts.ts";
import { isSystemError } from "../../process/system-error.ts";
import type { BuildCheck } from "./check.ts";

export interface DiskOptions {
  /** The store's directory; it need not be there yet. */
  readonly store: string;
  /** Absent where no engine answers. */
  readonly engine?: Pick<EngineFacts, "dataRoot" | "operatingSystem">;
  /** DOCKER_HOST where it is set, else the engine's context. */
  readonly endpoint: string;
}

const gibibyte = 1024 ** 3;

/** One line for the store, one for the engine. */
export async function diskChecks({
  store,
  engine,
  endpoint,
}: DiskOptions): Promise<readonly BuildCheck[]> {
  const [inStore, inEngine] = await Promise.all([
    freeBytes(store),
    engine === undefined ? undefined : freeEngineBytes(engine, endpoint),
  ]);
  return [
    diskCheck("the store", inStore, "transship store prune"),
    diskCheck("the engine", inEngine, "docker buildx prune; docker image prune"),
  ];
}

/** `free` in bytes; `undefined` where the disk is not this machine's, or hidden. */
export function diskCheck(owner: string, free: number | undefined, remedy: string): BuildCheck {
  const id = "disk";
  if (free === undefined) {
    return { id, status: "skip", detail: `The disk of ${owner} cannot be seen from here.` };
  }
  const detail = `${(free / gibibyte).toFixed(1)} GiB free for ${owner}.`;
  if (free >= 5 * gibibyte) return { id, status: "pass", detail };
  return { id, status: "warn", detail, fix: `Free some: ${remedy}` };
}

/** Of the directory, or of the nearest above it that is there. */
async function freeBytes(directory: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch (error) {
    const above = path.dirname(path.resolve(directory));
    const isAbsent = isSystemError(error, "ENOENT", "ENOTDIR");
    return isAbsent && above !== directory ? await freeBytes(above) : undefined;
  }
}
