/** Writes an image as an OCI layout, a layer at a time, in bounded memory (OCI image-spec, image-layout.md). */
import { createHash, type Hash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import { type Digest, digestFromHex, digestOf, hexOf } from "../src/oci/digest.ts";
import {
  type Descriptor,
  descriptorOf,
  mediaTypes,
  parseConfig,
  parseIndex,
  parseManifest,
} from "../src/oci/document.ts";

const blobs = path.join("blobs", "sha256");

/** A layer whose blob is in the layout. */
export interface Layer extends Descriptor {
  readonly diffId: Digest;
  /** What the image's history says of it. */
  readonly createdBy: string;
}

export interface LayerOptions {
  readonly createdBy: string;
  /** gzip as builders write it (level 6), or zstd at its fastest. */
  readonly compression: "gzip" | "zstd";
  readonly signal: AbortSignal;
}

/** Compresses a tar archive into the layout. */
export async function writeLayer(
  layout: string,
  archive: Readable,
  { createdBy, compression, signal }: LayerOptions,
): Promise<Layer> {
  await mkdir(path.join(layout, blobs), { recursive: true });
  const temporary = path.join(layout, blobs, `.${randomUUID()}`);
  const [plain, packed] = [createHash("sha256"), createHash("sha256")];
  const into = createWriteStream(temporary);
  try {
    const flow = [archive, hashing(plain), compressor(compression), hashing(packed), into] as const;
    await pipeline(...flow, { signal });
    const digest = digestFromHex(packed.digest("hex"));
    await rename(temporary, path.join(layout, blobName(digest)));
    return {
      mediaType: compression === "gzip" ? mediaTypes.layerGzip : mediaTypes.layerZstd,
      digest,
      size: into.bytesWritten,
      diffId: digestFromHex(plain.digest("hex")),
      createdBy,
    };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes a linux/amd64 image of these layers the layout's only one. Returns its config's digest. */
export async function writeImage(
  layout: string,
  layers: readonly Layer[],
  command: readonly string[],
): Promise<Digest> {
  const add = async (mediaType: string, document: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(document));
    const descriptor = descriptorOf(mediaType, bytes, digestOf(bytes));
    await writeFile(path.join(layout, blobName(descriptor.digest)), bytes);
    return descriptor;
  };
  const platform = { architecture: "amd64", os: "linux" };
  const config = await add(mediaTypes.config, {
    ...platform,
    config: { Env: [searchPath], Cmd: command },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ createdBy }) => ({ created_by: createdBy })),
  });
  const manifest = await add(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  const manifests = [{ ...manifest, platform }];
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  await writeFile(path.join(layout, "index.json"), JSON.stringify(index));
  await writeFile(path.join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return config.digest;
}

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The layers of the only image of a layout that {@link writeImage} wrote, the base first. */
export async function layersOf(layout: string): Promise<readonly Layer[]> {
  const [root] = parseIndex(await readFile(path.join(layout, "index.json"))).manifests;
  if (root === undefined) throw new Error(`${layout} holds no image`);
  const manifest = parseManifest(await readFile(path.join(layout, blobName(root.digest))));
  const config = parseConfig(await readFile(path.join(layout, blobName(manifest.config.digest))));
  return manifest.layers.map(({ mediaType, digest, size }, n) => {
    const [diffId, step] = [config.rootfs.diff_ids[n], config.history[n]];
    if (diffId === undefined) throw new Error(`layer ${n + 1} has no DiffID`);
    return { mediaType, digest, size, diffId, createdBy: step?.created_by ?? "" };
  });
}

/** Gives a layout the blobs of another one's layers: copied, or linked where neither is ever written again. */
export async function shareBlobs(
  layers: readonly Layer[],
  { from, to, by }: { readonly from: string; readonly to: string; readonly by: "copy" | "link" },
): Promise<void> {
  await mkdir(path.join(to, blobs), { recursive: true });
  const share = by === "copy" ? copyFile : link;
  for (const { digest } of layers) {
    await share(path.join(from, blobName(digest)), path.join(to, blobName(digest)));
  }
}

/** The path of a blob in its layout. */
export function blobName(digest: Digest): string {
  return path.join(blobs, hexOf(digest));
}

const chunkSize = 1024 * 1024;

function compressor(compression: LayerOptions["compression"]): Transform {
  if (compression === "gzip") return createGzip({ level: 6, chunkSize });
  return createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
}
