/** How much a builder's cache holds: `docker buildx du`, whose sums are the same two lines in every release (docker/buildx, `commands/diskusage.go`). */
import { isFailure } from "../errors.ts";
import type { Docker } from "./docker.ts";

export interface CacheUsage {
  /** Bytes, of all nodes together. */
  readonly total: number;
  /** Bytes that a clean-up could free now. */
  readonly reclaimable: number;
}

const deadlineMs = 20_000;

/** `undefined` where the builder does not say it. @throws INTERRUPTED, TERMINATED, DOCKER_MISSING */
export async function cacheUsage(builder: string, docker: Docker): Promise<CacheUsage | undefined> {
  try {
    const args = ["buildx", "du", "--builder", builder];
    const { exitCode, stdout } = await docker.attempt(args, { deadlineMs });
    return exitCode === 0 ? readCacheUsage(stdout) : undefined;
  } catch (error) {
    if (isFailure(error, "INTERRUPTED", "TERMINATED", "DOCKER_MISSING")) throw error;
    return undefined;
  }
}

/** Reads the sums below the table. */
export function readCacheUsage(table: string): CacheUsage | undefined {
  const total = sizeAfter("Total", table);
  const reclaimable = sizeAfter("Reclaimable", table);
  return total === undefined || reclaimable === undefined ? undefined : { total, reclaimable };
}

/** Powers of ten (github.com/docker/go-units, HumanSize). */
const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
};

function sizeAfter(word: string, table: string): number | undefined {
  const found = new RegExp(`^${word}:\\s+([\\d.e+]+)([A-Za-z]*B)\\s*$`, "m").exec(table);
  const [, number = "", unit = ""] = found ?? [];
  const bytes = Math.round(Number(number) * (units[unit] ?? Number.NaN));
  return found === null || !Number.isFinite(bytes) ? undefined : bytes;
}
