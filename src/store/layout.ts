/**
 * An OCI image layout on disk, read only: `oci-layout`, `index.json`, `blobs/sha256/…`
 * (OCI image-spec, image-layout.md).
 */
import { access, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { fail } from "../errors.ts";
import { type Digest, hexOf } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { canonicalName, readReference } from "../oci/reference.ts";
import { type BlobIdentity, readBlob } from "./blob.ts";
import { isSystemError } from "../process/system-error.ts";
import { documentLimit, readSmallFile } from "./file.ts";
import { annotations, readNames } from "./names.ts";

/** The one version that the specification has. */
export const layoutVersion = "1.0.0";

export interface Layout {
  /** Absolute. */
  readonly directory: string;
  /** Where the blob of that digest is, or would be. */
  path(digest: Digest): string;
  /** Whether a file of that digest (and size, where one is given) is there. Its bytes are not read. */
  has(digest: Digest, size?: number): Promise<boolean>;
  /** What a blob is whose descriptor nobody kept: its size; `undefined` where there is none. Its bytes are not read. */
  sizeOf(digest: Digest): Promise<number | undefined>;
  /** A small document, whole; its size and digest have been checked. @throws STORE_BLOB_… */
  read(descriptor: BlobIdentity, options?: { readonly limit?: number }): Promise<Uint8Array>;
  /** A blob as it comes; the stream fails at its end when size or digest differ. Errors STORE_BLOB_… */
  open(descriptor: BlobIdentity): Readable;
  /** The entries of `index.json`, in its order. @throws STORE_INDEX_DAMAGED */
  names(): Promise<readonly NamedEntry[]>;
  /**
   * The entry of that name: an image's full name (`docker.io/library/debian:bookworm-slim`), else a tag alone.
   * The newest wins where several have it. @throws STORE_INDEX_DAMAGED
   */
  find(name: string): Promise<Descriptor | undefined>;
}

export interface NamedEntry {
  /** `docker.io/library/debian:bookworm-slim` (annotation `io.containerd.image.name`). */
  readonly name?: string;
  /** `bookworm-slim` (annotation `org.opencontainers.image.ref.name`). */
  readonly tag?: string;
  readonly descriptor: Descriptor;
}

/** Opens a layout that somebody wrote. @throws STORE_NOT_DIRECTORY, STORE_LAYOUT_UNKNOWN */
export async function openLayout(directory: string): Promise<Layout> {
  const root = path.resolve(directory);
  await checkVersion(root);
  return layoutAt(root);
}

/** Opens a layout, or nothing where the directory is missing or empty. @throws STORE_NOT_DIRECTORY, STORE_LAYOUT_UNKNOWN */
export async function openLayoutIfAny(directory: string): Promise<Layout | undefined> {
  const files = await readdir(directory).catch((error: unknown) => {
    // What else is wrong with it is told when it is opened.
    return isSystemError(error, "ENOENT") ? [] : ["?"];
  });
  return files.length === 0 ? undefined : await openLayout(directory);
}

/** The reading side of a layout whose version has been checked. */
export function layoutAt(directory: string): Layout {
  const layout: Layout = {
    directory,
    path: (digest) => path.join(directory, "blobs", "sha256", hexOf(digest)),
    async has(digest, size) {
      const found = await layout.sizeOf(digest);
      return found !== undefined && (size === undefined || found === size);
    },
    async sizeOf(digest) {
      const found = await stat(layout.path(digest)).catch(() => undefined);
      return found?.isFile() === true ? found.size : undefined;
    },
    async read(descriptor, { limit = documentLimit } = {}) {
      const { digest, size } = descriptor;
      if (size > limit) throw fail("STORE_BLOB_TOO_LARGE", { digest, bytes: size, limit });
      const chunks: Uint8Array[] = [];
      for await (const chunk of readBlob(descriptor, layout.path(digest))) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    open: (descriptor) =>
      Readable.from(readBlob(descriptor, layout.path(descriptor.digest)), { objectMode: false }),
    async names() {
      const { entries } = await readNames(directory);
      return entries.map(namedEntry);
    },
    async find(name) {
      const entries = await layout.names();
      return (
        entries.findLast((entry) => entry.name === name) ??
        entries.findLast((entry) => entry.tag === name)
      )?.descriptor;
    },
  };
  return layout;
}

function namedEntry(descriptor: Descriptor): NamedEntry {
  const name = descriptor.annotations?.[annotations.imageName];
  const tag = descriptor.annotations?.[annotations.refName];
  const full = name === undefined && tag !== undefined ? readReference(tag) : undefined;
  if (tag !== undefined && full !== undefined && canonicalName(full) === tag) {
    // Clients of BuildKit as old as buildx 0.13 write the full name in the place of the tag, and no other.
    return { name: tag, ...(full.tag === undefined ? {} : { tag: full.tag }), descriptor };
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tag }),
    descriptor,
  };
}

/** @throws STORE_NOT_DIRECTORY, STORE_LAYOUT_UNKNOWN */
async function checkVersion(directory: string): Promise<void> {
  const problem = await versionProblem(directory);
  if (problem !== undefined) throw fail("STORE_LAYOUT_UNKNOWN", { directory, problem });
}

/** What is wrong with the file `oci-layout`, or `undefined`. @throws STORE_NOT_DIRECTORY */
export async function versionProblem(directory: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readSmallFile(path.join(directory, "oci-layout"))).toString();
  } catch (error) {
    if (isSystemError(error, "ENOTDIR"))
      throw fail("STORE_NOT_DIRECTORY", { directory }, { cause: error });
    if (isSystemError(error, "ENOENT"))
      return (await isThere(directory))
        ? "it has no file oci-layout"
        : "there is no such directory";
    return `its file oci-layout cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
  const version = versionIn(text);
  if (version === undefined) return "its file oci-layout names no version";
  return version === layoutVersion ? undefined : `its layout version is ${version}`;
}

async function isThere(directory: string): Promise<boolean> {
  return await access(directory).then(
    () => true,
    (error: unknown) => !isSystemError(error, "ENOENT"),
  );
}

function versionIn(text: string): string | undefined {
  try {
    const document: unknown = JSON.parse(text);
    const isObject = typeof document === "object" && document !== null;
    return isObject && "imageLayoutVersion" in document
      ? String(document.imageLayoutVersion)
      : undefined;
  } catch {
    return undefined;
  }
}
