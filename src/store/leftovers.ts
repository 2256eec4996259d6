/**
 * What writers that were interrupted leave in a store, and what writers at work have there: BuildKit's client
 * `ingest/<name>/` (containerd, plugins/content/local) and `index.json.lock` (moby/buildkit, client/ociindex); we
 * `.incoming/…`, `index.json.<process>` and `oci-layout.<random>`.
 */
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { isSystemError } from "../process/system-error.ts";
import { sizeOf } from "../oci/size.ts";

export interface Leftover {
  readonly kind: "ingest" | "incoming" | "temporary";
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** When anything in it was last written. */
  readonly writtenMs: number;
}

const temporary = /^(?:index\.json\.(?:\d+|lock)|oci-layout\.[0-9a-f]{8})$/;

/** Finds them all, old and young. */
export async function findLeftovers(directory: string): Promise<readonly Leftover[]> {
  const [ingest, incoming, others] = await Promise.all([
    namesIn(path.join(directory, "ingest")),
    namesIn(path.join(directory, ".incoming")),
    namesIn(directory),
  ]);
  const found = [
    ...ingest.map((name) => ({ kind: "ingest", name: path.join("ingest", name) }) as const),
    ...incoming.map((name) => ({ kind: "incoming", name: path.join(".incoming", name) }) as const),
    ...others
      .filter((name) => temporary.test(name))
      .map((name) => ({ kind: "temporary", name }) as const),
  ];
  const measured = await Promise.all(
    found.map(async ({ kind, name }) => {
      const file = path.join(directory, name);
      const size = await measure(file);
      return size === undefined ? [] : [{ kind, path: file, ...size }];
    }),
  );
  return measured.flat();
}

interface Measure {
  readonly bytes: number;
  readonly writtenMs: number;
}

/** A file, or a directory with the files in it; `undefined` where it has gone meanwhile. */
async function measure(file: string): Promise<Measure | undefined> {
  const stat = await lstat(file).catch(() => undefined);
  if (stat === undefined) return undefined;
  if (!stat.isDirectory()) return { bytes: stat.size, writtenMs: stat.mtimeMs };
  const names = await namesIn(file);
  const within = await Promise.all(
    names.map(async (name) => await lstat(path.join(file, name)).catch(() => undefined)),
  );
  const files = within.filter((one) => one !== undefined);
  return {
    bytes: sizeOf(files),
    writtenMs: Math.max(stat.mtimeMs, ...files.map(({ mtimeMs }) => mtimeMs)),
  };
}

/** The names in a directory; none where it is missing. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
