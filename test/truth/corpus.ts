/** Puts the images of the cases together, in the two forms that are needed: an archive for `docker load`, a layout for `verify`. */
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { type TarFile, tarFile } from "../../src/filesystem/tarball.ts";
import { type Digest, digestFromHex, digestOf, hexOf } from "../../src/oci/digest.ts";
import { type Descriptor, mediaTypes } from "../../src/oci/document.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { annotations } from "../../src/store/names.ts";
import { tarOf } from "../image/image.ts";
import type { Case } from "./case.ts";
import { machines } from "./machine.ts";
import { basesOf, layerOf } from "./material.ts";

/** A layer as it is: a file of the material, or bytes. */
interface Layer {
  readonly digest: Digest;
  readonly size: number;
  readonly content: { readonly file: string } | { readonly bytes: Uint8Array };
}

export interface Image {
  /** The tag that it gets in the engine, and its name in the layout. */
  readonly tag: string;
  readonly one: Case;
  readonly layers: readonly Layer[];
  readonly config: Uint8Array;
  readonly manifest: Uint8Array;
}

/** The images of those cases, in their order. */
export async function imagesOf(
  cases: readonly Case[],
  material: string,
): Promise<readonly Image[]> {
  const bases = new Map<string, Promise<Layer>>();
  const baseLayer = async (file: string) => {
    const known = bases.get(file) ?? fileLayer(file);
    bases.set(file, known);
    return await known;
  };
  const images: Image[] = [];
  for (const [n, one] of cases.entries()) {
    const below = one.base === "none" ? [] : basesOf(one.base);
    const layers = [
      ...(await Promise.all(
        below.map(async (base) => await baseLayer(layerOf(material, one.machine, base))),
      )),
      ...(await Promise.all(one.layers.map(async (files) => bytesLayer(await tarOf(files))))),
    ];
    images.push(imageOf(one, `case-${n}`, layers));
  }
  return images;
}

/** What the image of that case is labelled with. */
export function platformOf({ platform, machine }: Case): string {
  return platform ?? machines[machine].name;
}

function imageOf(one: Case, tag: string, layers: readonly Layer[]): Image {
  const { os, architecture, variant } = parsePlatform(platformOf(one));
  const config = Buffer.from(
    JSON.stringify({
      os,
      architecture,
      ...(variant === undefined ? {} : { variant }),
      config: one.config,
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: described(mediaTypes.config, config),
      layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layer, digest, size })),
    }),
  );
  return { tag, one, layers, config, manifest };
}

function described(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

async function fileLayer(file: string): Promise<Layer> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const { size } = await stat(file);
  return { digest: digestFromHex(hash.digest("hex")), size, content: { file } };
}

function bytesLayer(bytes: Uint8Array): Layer {
  return { digest: digestOf(bytes), size: bytes.byteLength, content: { bytes } };
}

/** Docker's own archive of all of them (moby, `image/tarexport`); a layer that several have stands in it once. */
export function archiveOf(images: readonly Image[], repository: string): readonly TarFile[] {
  const document = images.map(({ tag, config, layers }) => ({
    Config: `${hexOf(digestOf(config))}.json`,
    RepoTags: [`${repository}:${tag}`],
    Layers: layers.map(({ digest }) => `${hexOf(digest)}.tar`),
  }));
  const configs = new Map(images.map(({ config }) => [`${hexOf(digestOf(config))}.json`, config]));
  const layers = new Map(
    images.flatMap((image) => image.layers).map((layer) => [`${hexOf(layer.digest)}.tar`, layer]),
  );
  return [
    tarFile("manifest.json", JSON.stringify(document)),
    ...[...configs].map(([name, bytes]) => tarFile(name, bytes)),
    ...[...layers].map(([name, layer]) => layerFile(name, layer)),
  ];
}

function layerFile(name: string, { size, content }: Layer): TarFile {
  if ("bytes" in content) return tarFile(name, content.bytes);
  const { file } = content;
  return { name, size, open: () => createReadStream(file, { highWaterMark: 1 << 20 }) };
}

/** Writes an OCI layout of all of them, each under its tag. */
export async function writeLayout(images: readonly Image[], directory: string): Promise<void> {
  const blobs = path.join(directory, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  const written = new Set<Digest>();
  const put = async (digest: Digest, write: (file: string) => Promise<void>) => {
    if (written.has(digest)) return;
    written.add(digest);
    await write(path.join(blobs, hexOf(digest)));
  };
  const manifests: Descriptor[] = [];
  for (const { tag, config, manifest, layers } of images) {
    for (const bytes of [config, manifest])
      await put(digestOf(bytes), async (file) => await writeFile(file, bytes));
    for (const { digest, content } of layers) {
      await put(digest, async (file) => {
        if ("bytes" in content) await writeFile(file, content.bytes);
        else await link(content.file, file).catch(async () => await copyFile(content.file, file));
      });
    }
    manifests.push({
      ...described(mediaTypes.manifest, manifest),
      annotations: { [annotations.refName]: tag },
    });
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  await writeFile(path.join(directory, "index.json"), JSON.stringify(index));
  await writeFile(path.join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}
