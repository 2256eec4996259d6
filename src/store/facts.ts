/** The files in which facts of layers are kept: how much room they take, and whether their layers are known elsewhere. */
import { type FactsFile as KeptFacts, factsFiles } from "../filesystem/cache.ts";
import { inParallel } from "../process/parallel.ts";
import type { Layout } from "./layout.ts";

export interface FactsFile extends Pick<KeptFacts, "digest" | "path" | "bytes"> {
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
  const files = await factsFiles(directory);
  return await inParallel(files, width, async ({ digest, path, bytes, modified }) => {
    const isElsewhere = (await elsewhere?.has(digest)) ?? false;
    return { digest, path, bytes, writtenMs: modified.getTime(), isElsewhere };
  });
}
