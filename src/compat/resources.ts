/** What the container uses: memory against its limit, processor time, processes (Linux `Documentation/admin-guide/cgroup-v1`, `cgroup-v2.rst`). */
import { readFiles, type ReadPath } from "../probe/files.ts";
import { failed, type Outcome, pass, skip } from "./check.ts";
import type { Container } from "./container.ts";

/** Version 2's files, then version 1's; what a machine does not have is passed over. */
const paths = {
  memory: ["/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes"],
  limit: ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"],
  processes: ["/sys/fs/cgroup/pids.current", "/sys/fs/cgroup/pids/pids.current"],
  processor: ["/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpuacct/cpuacct.usage"],
} as const;

export interface Usage {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes; absent where there is none. */
  readonly limit?: number;
  readonly processes?: number;
  /** Milliseconds of processor time since the start. */
  readonly processorMs?: number;
}

/** Of the memory's limit: above this the next load kills it. */
const tightShare = 0.95;

export async function checkResources(container: Container): Promise<Outcome> {
  const names = Object.values(paths).flat();
  const probed = await container.probe(names);
  if (probed === undefined) return skip("there is no probe for the platform");
  if (probed.exitCode !== 0) return skip(`the probe did not run: ${probed.stderr.trim()}`);
  return judgeResources(
    readUsage(new Map(readFiles(probed.output).map((file, n) => [names[n] ?? "", file]))),
  );
}

/** Reads the files that are there. */
export function readUsage(files: ReadonlyMap<string, ReadPath>): Usage {
  const textOf = (candidates: readonly string[]) => {
    for (const path of candidates) {
      const file = files.get(path);
      if (file !== undefined && file.errno === 0) return Buffer.from(file.bytes).toString().trim();
    }
    return undefined;
  };
  const processor = textOf(paths.processor);
  const nanoseconds = number(processor);
  const microseconds = number(/^usage_usec (\d+)$/m.exec(processor ?? "")?.[1]);
  const processorMs =
    microseconds === undefined
      ? nanoseconds === undefined
        ? undefined
        : nanoseconds / 1e6
      : microseconds / 1e3;
  const limit = number(textOf(paths.limit));
  return defined({
    memory: number(textOf(paths.memory)),
    // Version 1 writes a number near 2^63 for none, version 2 the word max.
    limit: limit === undefined || limit > 2 ** 60 ? undefined : limit,
    processes: number(textOf(paths.processes)),
    processorMs,
  });
}

export function judgeResources({ memory, limit, processes, processorMs }: Usage): Outcome {
  if (memory === undefined && processes === undefined && processorMs === undefined) {
    return skip("the container's control groups cannot be read from inside it");
  }
  const detail = [
    ...(memory === undefined
      ? []
      : [
          `memory ${mebibytes(memory)} ${limit === undefined ? "(no limit)" : `of ${mebibytes(limit)}`}`,
        ]),
    ...(processorMs === undefined ? [] : [`${Math.round(processorMs)} ms of CPU`]),
    ...(processes === undefined ? [] : [`${processes} PIDs`]),
  ].join(", ");
  const isTight = memory !== undefined && limit !== undefined && memory > limit * tightShare;
  return isTight ? failed(`${detail}: it is about to run out of memory`) : pass(detail);
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function defined(usage: { readonly [Key in keyof Usage]: Usage[Key] | undefined }): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined));
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
