/**
 * Docker's own archive (`docker image save`; moby/moby `image/tarexport`): `manifest.json` names configs and layers by their paths,
 * as they were laid out by any docker since 1.10. It has no manifest with digests, so one is made up of what is there.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import * as z from "zod";
import { fail } from "../errors.ts";
import { compressionOf } from "../filesystem/unpack/unpack.ts";
import { checked } from "../oci/checked.ts";
import { type Digest, digestFromHex, digestOf } from "../oci/digest.ts";
import {
  type Descriptor,
  descriptorOf,
  type ImageConfig,
  mediaTypes,
  parseConfig,
} from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { inParallel } from "../process/parallel.ts";
import { annotations } from "../store/names.ts";
import { type Archive, unreadable } from "./archive.ts";
import { type Choice, choose } from "./choice.ts";
import { malformed } from "./image.ts";
import type { Root } from "./opened.ts";
import type { TarMember } from "./tar-index.ts";

const manifestName = "manifest.json";

const strings = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
/** Docker's own storage drivers take 128 layers at most. */
const layerPaths = strings.refine((list) => list.length <= 1000, { error: "too many layers" });
const items = z.array(z.object({ Config: z.string(), RepoTags: strings, Layers: layerPaths }));

/** An image of the archive. */
export type DockerItem = z.infer<typeof items>[number];

interface Layer {
  /** Its path in the archive. */
  readonly entry: string;
  readonly member: TarMember;
  readonly descriptor: Descriptor;
  /** Its bytes have been held against the digest when it was told. */
  readonly isHashed: boolean;
}

const layersAtOnce = 2;

/** The image of that choice. @throws ARCHIVE_UNREADABLE, ARCHIVE_BLOB_MISSING, IMAGE_MISSING, IMAGE_UNNAMED, IMAGE_UNREADABLE */
export async function openDockerArchive(
  archive: Archive,
  choice: Choice,
  subject: string,
): Promise<Root> {
  const candidates = (await dockerItems(archive)).map((item, n) => ({
    names: item.RepoTags,
    key: String(n),
    value: item,
  }));
  const where = `the archive ${archive.name}`;
  const item = choose(candidates, choice, { subject, where });
  const { root, source } = await openItem(archive, item, subject);
  const [name] = item.RepoTags;
  if (name === undefined) return { root, source };
  return { root: { ...root, annotations: { [annotations.imageName]: name } }, source };
}

/** The images of its `manifest.json`. @throws ARCHIVE_UNREADABLE */
export async function dockerItems(archive: Archive): Promise<readonly DockerItem[]> {
  const { name } = archive;
  if (!archive.has(manifestName)) {
    const other = archive.has("index.json") ? `: it is a layout, oci-archive:${name}` : "";
    throw unreadable(name, `it has no ${manifestName}${other}`);
  }
  const bytes = await archive.read(manifestName);
  try {
    return items.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw unreadable(name, `its ${manifestName} is malformed (${problem})`);
  }
}

/** One image of the archive, with a manifest whose layers are of the bytes as they stand there. @throws as {@link openDockerArchive} */
export async function openItem(
  archive: Archive,
  { Config, Layers }: DockerItem,
  subject: string,
): Promise<Root> {
  const configBytes = await archive.read(Config);
  const diffIds = configOf(configBytes, subject).rootfs.diff_ids;
  const stated = await inParallel(
    [...Layers.entries()],
    layersAtOnce,
    async ([n, entry]) => await statedLayer(archive, entry, diffIds[n]),
  );
  const hashes: Hashes = new Map();
  const layers = await inParallel(
    withoutRivals(stated),
    layersAtOnce,
    async (layer) => await layerOf(archive, layer, hashes),
  );
  const config = descriptorOf(mediaTypes.config, configBytes, digestOf(configBytes));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  };
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  const root = descriptorOf(mediaTypes.manifest, manifestBytes, digestOf(manifestBytes));
  const documents = new Map<Digest, Uint8Array>([
    [root.digest, manifestBytes],
    [config.digest, configBytes],
  ]);
  return { root, source: itemSource(archive, documents, layers) };
}

/** A layer whose bytes have not been read. */
interface StatedLayer {
  readonly entry: string;
  readonly member: TarMember;
  readonly mediaType: string;
  /** `undefined` where nothing says it. */
  readonly digest: Digest | undefined;
}

/**
 * What a layer's digest is, without its bytes being read where that can be: those of `blobs/sha256/` say it by their name, and that of
 * a plain one is its DiffID, which the config says, and docker checks as well. Both are held against the bytes when these are read. Of
 * another compressed one nothing is known, so it is hashed when the archive is opened, and not again.
 */
async function statedLayer(
  archive: Archive,
  entry: string,
  diffId: Digest | undefined,
): Promise<StatedLayer> {
  const member = archive.find(entry);
  const compression = compressionOf(await archive.head(member, 4));
  const digest = blobDigest(entry) ?? (compression === "none" ? diffId : undefined);
  return { entry, member, mediaType: layerTypes[compression], digest };
}

/** Of several places that are called by one digest only the first is read by it later, so the others lose it and are hashed. */
function withoutRivals(layers: readonly StatedLayer[]): readonly StatedLayer[] {
  const offsets = new Map<Digest, number>();
  return layers.map((layer) => {
    if (layer.digest === undefined) return layer;
    const first = offsets.get(layer.digest) ?? layer.member.offset;
    offsets.set(layer.digest, first);
    return first === layer.member.offset ? layer : { ...layer, digest: undefined };
  });
}

/** By offset: a layer may stand in an image twice, and is hashed once. */
type Hashes = Map<number, Promise<Digest>>;

async function layerOf(archive: Archive, layer: StatedLayer, hashes: Hashes): Promise<Layer> {
  const { entry, member, mediaType } = layer;
  const digest = layer.digest ?? (await hashOnce(archive, member, hashes));
  const descriptor = { mediaType, digest, size: member.size };
  return { entry, member, descriptor, isHashed: layer.digest === undefined };
}

async function hashOnce(archive: Archive, member: TarMember, hashes: Hashes): Promise<Digest> {
  const hash = hashes.get(member.offset) ?? hashOf(archive, member);
  hashes.set(member.offset, hash);
  return await hash;
}

function blobDigest(entry: string): Digest | undefined {
  const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(entry) ?? [];
  return hex === undefined ? undefined : digestFromHex(hex);
}

const layerTypes = {
  gzip: mediaTypes.layerGzip,
  zstd: mediaTypes.layerZstd,
  none: mediaTypes.layer,
} as const;

async function hashOf(archive: Archive, member: TarMember): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of archive.open(member)) hash.update(chunk);
  return digestFromHex(hash.digest("hex"));
}

function itemSource(
  archive: Archive,
  documents: ReadonlyMap<Digest, Uint8Array>,
  layers: readonly Layer[],
): ContentSource {
  // One that was not hashed comes last and is the one that is read: it may not be what it is called.
  const ordered = [true, false].flatMap((is) => layers.filter(({ isHashed }) => isHashed === is));
  const byDigest = new Map(ordered.map((layer) => [layer.descriptor.digest, layer]));
  const { name } = archive;
  return {
    async read({ digest }) {
      const bytes = documents.get(digest);
      if (bytes === undefined) throw fail("ARCHIVE_BLOB_MISSING", { archive: name, entry: digest });
      return bytes;
    },
    open({ digest, size }) {
      const document = documents.get(digest);
      if (document !== undefined)
        return Readable.from([Buffer.from(document)], { objectMode: false });
      const layer = byDigest.get(digest);
      if (layer === undefined) throw fail("ARCHIVE_BLOB_MISSING", { archive: name, entry: digest });
      const { entry, member, isHashed } = layer;
      const content = archive.open(member);
      // Nobody has written into the archive since it was hashed: its reader sees to that.
      if (isHashed) return Readable.from(content, { objectMode: false });
      const differs = (problem: string) =>
        fail("ARCHIVE_DAMAGED", {
          archive: name,
          entry,
          problem: `${problem}, and ${digest} is asked for`,
        });
      return Readable.from(checked(content, { digest, size, differs }), { objectMode: false });
    },
  };
}

function configOf(bytes: Uint8Array, image: string): ImageConfig {
  try {
    return parseConfig(bytes);
  } catch (error) {
    throw error instanceof SyntaxError ? malformed(image, error) : error;
  }
}
