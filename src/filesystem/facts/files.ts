/** The directory of facts: `<hex of the layer's digest>.facts`, and what is being written beside it. */
import { randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestFromHex, hexOf } from "../../oci/digest.ts";

export interface FactsFile {
  /** The layer's. */
  readonly digest: Digest;
  /** Absolute where the directory is. */
  readonly path: string;
  readonly bytes: number;
  readonly modified: Date;
  /** It is being written, or was when the writer was killed. */
  readonly isTemporary: boolean;
}

/** Where the facts of a layer are. */
export function factsPath(directory: string, layer: Digest): string {
  return path.join(directory, `${hexOf(layer)}.facts`);
}

/** A new name beside it, for what is not whole yet. */
export function temporaryPath(directory: string, layer: Digest): string {
  const unique = randomBytes(6).toString("hex");
  return path.join(directory, `${hexOf(layer)}.${process.pid}.${unique}.tmp`);
}

/** All files of facts in a directory, of earlier versions too; none where it is not there. What else is there is left out. */
export async function factsFiles(directory: string): Promise<readonly FactsFile[]> {
  const names = await readdir(directory).catch(() => []);
  const files = await Promise.all(names.map(async (name) => await factsFile(directory, name)));
  return files.filter((file) => file !== undefined);
}

async function factsFile(directory: string, name: string): Promise<FactsFile | undefined> {
  const [, hex, end] = /^([0-9a-f]{64})\.(facts|json|\d+\.[0-9a-f]+\.tmp)$/.exec(name) ?? [];
  const file = path.join(directory, name);
  const found = hex === undefined ? undefined : await stat(file).catch(() => undefined);
  if (hex === undefined || end === undefined || found?.isFile() !== true) return undefined;
  return {
    digest: digestFromHex(hex),
    path: file,
    bytes: found.size,
    modified: found.mtime,
    isTemporary: end.endsWith(".tmp"),
  };
}
