/** What of a server stands against taking an image, before anything is sent: all problems at once. */
import { formatSize } from "../oci/size.ts";
import type { ServerFacts } from "./facts.ts";

export interface Needs {
  /** Bytes that will be sent, compressed. */
  readonly bytes: number;
  /** Whether a layer of it is compressed with zstd. */
  readonly hasZstd: boolean;
}

export interface Preflight {
  /** Each a sentence; with one of them nothing is sent. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Older engines have no `docker pull --platform` outside of experiments. */
const oldestEngine = [20, 10] as const;
/** The first whose classic image store reads zstd (moby/moby 23.0, release notes). */
const firstZstd = [23, 0] as const;
/** A layer is written down as it came, and beside it unpacked, which is never less. */
const leastGrowth = 2;
/** What layers usually need in all, for each byte sent. */
const usualGrowth = 4;
const mostSkewMs = 5 * 60_000;

/** `nowMs`: this machine's clock when the server's was read. */
export function preflight(facts: ServerFacts, needs: Needs, nowMs: number): Preflight {
  const { engine, freeBytes, clockMs } = facts;
  const problems: string[] = [];
  const warnings: string[] = [];
  if (isOlder(engine.serverVersion, oldestEngine))
    problems.push(
      `Its engine ${engine.serverVersion} is too old; 20.10 is the oldest that will do.`,
    );
  else if (needs.hasZstd && !readsZstd(engine))
    problems.push(
      `Its engine ${engine.serverVersion} cannot read layers that are compressed with zstd; 23.0 is the first that can.`,
    );
  if (freeBytes !== undefined && needs.bytes > 0) {
    const left = `its engine's disk (${engine.dataRoot}) has ${formatSize(freeBytes)} left`;
    const sent = `for ${formatSize(needs.bytes)} of compressed layers`;
    if (freeBytes < leastGrowth * needs.bytes) problems.push(`Only little: ${left}, ${sent}.`);
    else if (freeBytes < usualGrowth * needs.bytes)
      warnings.push(`It may not be enough: ${left}, ${sent}.`);
  }
  const skewMs = (clockMs ?? nowMs) - nowMs;
  if (Math.abs(skewMs) > mostSkewMs) {
    const minutes = Math.round(Math.abs(skewMs) / 60_000);
    const how = skewMs > 0 ? "ahead of" : "behind";
    warnings.push(`Its clock is ${minutes} minutes ${how} this machine's.`);
  }
  return { problems, warnings };
}

/** Whether an engine takes layers that are compressed with zstd. */
export function readsZstd({
  serverVersion,
}: Pick<ServerFacts["engine"], "serverVersion">): boolean {
  return !isOlder(serverVersion, firstZstd);
}

/** What is no version at all is not called old. */
function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, first, second] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (first === undefined) return false;
  return Number(first) < major || (Number(first) === major && Number(second) < minor);
}
