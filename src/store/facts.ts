/** The files in which facts of layers are kept, by the layer's digest (filesystem/cache.ts): how much room they take. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestFromHex } from "../oci/digest.ts";
import { inParallel } from "../process/parallel.ts";
import type { Layout } from "./layout.ts";
import { namesIn } from "./leftovers.ts";

export interface FactsFile {
  /** The layer's. */
  readonly digest: Digest;
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly writtenMs: number;
  /** Whether the layer is in another store that is known: the machine's own. */
  readonly isElsewhere: boolean;
}

const width = 16;

/** `elsewhere`: another store whose layers count. */
export async function findFacts(
  directory: string,
  elsewhere?: Pick<Layout, "has">,
): Promise<readonly FactsFile[]> {
  const found = await inParallel(await namesIn(directory), width, async (name) => {
    const hex = /^([0-9a-f]{64})\./.exec(name)?.[1];
    const file = path.join(directory, name);
    const measured = hex === undefined ? undefined : await stat(file).catch(() => undefined);
    if (hex === undefined || measured?.isFile() !== true) return [];
    const { size: bytes, mtimeMs: writtenMs } = measured;
    const digest = digestFromHex(hex);
    const isElsewhere = (await elsewhere?.has(digest)) ?? false;
    return [{ digest, path: file, bytes, writtenMs, isElsewhere }];
  });
  return found.flat();
}
