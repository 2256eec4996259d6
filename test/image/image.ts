/** Small images for unit tests: real layers of real tar archives, in memory. */
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { fail } from "../../src/errors.ts";
import { type Digest, digestOf, hexOf } from "../../src/oci/digest.ts";
import { type Descriptor, mediaTypes, parseIndex, parseManifest } from "../../src/oci/document.ts";
import type { ContentSource } from "../../src/oci/source.ts";
import { annotations } from "../../src/store/names.ts";

/** A file, or what else a tar header can say of a path. */
export interface TestFile extends Partial<Omit<Header, "name">> {
  readonly content?: string | Uint8Array;
}

export type TestFiles = Readonly<Record<string, TestFile | string>>;

export interface TestPlatform {
  readonly architecture?: string;
  readonly os?: string;
  readonly variant?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly layers: readonly TestFiles[];
  readonly history?: readonly Readonly<Record<string, unknown>>[];
  /** Replaces the DiffIDs in the config. */
  readonly diffIds?: readonly string[];
  /** Replaces the platform in the index. */
  readonly listed?: { readonly os: string; readonly architecture: string };
}

export interface TestImage {
  readonly root: Descriptor;
  readonly source: ContentSource;
  readonly blobs: Map<Digest, Uint8Array>;
}

export type Compression = "gzip" | "zstd" | "none";

const compress = {
  gzip: (bytes: Uint8Array) => gzipSync(bytes),
  zstd: (bytes: Uint8Array) => zstdCompressSync(bytes),
  none: (bytes: Uint8Array) => bytes,
};

/** An index of these platforms, attestations left out. */
export async function imageOf(
  platforms: readonly TestPlatform[],
  compression: Compression = "gzip",
): Promise<TestImage> {
  const blobs = new Map<Digest, Uint8Array>();
  const add = (mediaType: string, content: Uint8Array | object): Descriptor => {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.byteLength };
  };
  const manifests: Descriptor[] = [];
  for (const { architecture = "amd64", os = "linux", variant, layers, ...one } of platforms) {
    const archives = await Promise.all(layers.map(tarOf));
    const words = { architecture, os, ...(variant === undefined ? {} : { variant }) };
    const config = add(mediaTypes.config, {
      ...words,
      config: one.config ?? {},
      ...(one.history === undefined ? {} : { history: one.history }),
      rootfs: { type: "layers", diff_ids: one.diffIds ?? archives.map((bytes) => digestOf(bytes)) },
    });
    const manifest = add(mediaTypes.manifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config,
      layers: archives.map((bytes) => add(mediaTypes.layerGzip, compress[compression](bytes))),
    });
    manifests.push({ ...manifest, platform: one.listed ?? words });
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  return { root: add(mediaTypes.index, index), source: sourceOf(blobs), blobs };
}

/** A source that hands out what it is given, whatever its digest says. */
export function sourceOf(blobs: ReadonlyMap<Digest, Uint8Array>): ContentSource {
  const bytesOf = ({ digest }: Descriptor) => {
    const bytes = blobs.get(digest);
    if (bytes === undefined) throw fail("STORE_BLOB_MISSING", { digest, path: "memory" });
    return bytes;
  };
  return {
    read: async (descriptor) => bytesOf(descriptor),
    // In small pieces, so that no reader depends on getting all at once.
    open: (descriptor) => Readable.from(pieces(bytesOf(descriptor)), { objectMode: false }),
  };
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 700)
    yield new Uint8Array(bytes.subarray(at, at + 700));
}

/** A tar archive of those files, in that order. */
export async function tarOf(files: TestFiles): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, file] of Object.entries(files)) {
    const { content = "", ...header } = typeof file === "string" ? { content: file } : file;
    archive.entry({ mode: 0o755, ...header, name, mtime: new Date(0) }, Buffer.from(content));
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Tar archives one behind the other, as one: a path that stands in several stands there several times. */
export function joined(...archives: readonly Uint8Array[]): Uint8Array {
  const [last, ...others] = archives.toReversed();
  const endBlocks = 1024;
  return Buffer.concat([
    ...others.toReversed().map((bytes) => bytes.subarray(0, bytes.length - endBlocks)),
    last ?? new Uint8Array(),
  ]);
}

/** What an archive of a layout holds: the image's blobs, and its root under those names (an image's full one, or a tag). */
export function layoutFiles(image: TestImage, names: readonly string[] = []): TestFiles {
  const manifests = names.map((name) => ({
    ...image.root,
    annotations: { [name.includes("/") ? annotations.imageName : annotations.refName]: name },
  }));
  const index = { schemaVersion: 2, manifests: names.length === 0 ? [image.root] : manifests };
  const blobs: Record<string, TestFile> = {};
  for (const [digest, content] of image.blobs) blobs[`blobs/sha256/${hexOf(digest)}`] = { content };
  return {
    ...blobs,
    "index.json": JSON.stringify(index),
    "oci-layout": JSON.stringify({ imageLayoutVersion: "1.0.0" }),
  };
}

/** The same as files of a directory: each name's content. */
export function layoutContents(
  image: TestImage,
  names: readonly string[] = [],
): Readonly<Record<string, string | Uint8Array>> {
  const contents = Object.entries(layoutFiles(image, names)).map(
    ([name, file]) => [name, typeof file === "string" ? file : (file.content ?? "")] as const,
  );
  return Object.fromEntries(contents);
}

/** An image of one platform, and the names that docker saves it under. */
export interface SavedImage {
  readonly image: TestImage;
  readonly tags?: readonly string[];
}

/** What docker saves of images, laid out as engines since 25 do it, or as those before. */
export async function dockerFiles(
  style: "blobs" | "legacy",
  ...images: readonly SavedImage[]
): Promise<TestFiles> {
  const files: Record<string, TestFile> = {};
  const items: unknown[] = [];
  for (const { image, tags = null } of images) {
    const { source, root } = image;
    const [descriptor] = parseIndex(await source.read(root)).manifests;
    if (descriptor === undefined) throw new Error("the test's image has no platform");
    const { config, layers } = parseManifest(await source.read(descriptor));
    const pathOf = ({ digest }: Descriptor) =>
      style === "blobs" ? `blobs/sha256/${hexOf(digest)}` : `${hexOf(digest)}/layer.tar`;
    const configPath = style === "blobs" ? pathOf(config) : `${hexOf(config.digest)}.json`;
    files[configPath] = { content: await source.read(config) };
    for (const layer of layers) files[pathOf(layer)] = { content: await source.read(layer) };
    items.push({ Config: configPath, RepoTags: tags, Layers: layers.map(pathOf) });
  }
  return { ...files, "manifest.json": JSON.stringify(items) };
}

/** The beginning of an ELF program for that machine (`e_machine`). */
export function elf(machine: number, { bits = 64, littleEndian = true } = {}): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, littleEndian ? 1 : 2, 1]);
  new DataView(bytes.buffer).setUint16(18, machine, littleEndian);
  return bytes;
}
