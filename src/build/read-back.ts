/** What the engine's own BuildKit built on the classic image store: there is no way into a layout but out of the engine again. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { platformName } from "../image/image.ts";
import { openImage } from "../image/open.ts";
import { digestFromHex } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { parseReference } from "../oci/reference.ts";
import { inTemporaryDirectory } from "../process/temporary.ts";
import type { Store } from "../store/store.ts";

/** The image of an engine without exporter: from the engine into the store, its layers compressed once. */
export async function storeFromEngine(
  tag: string,
  { store, name }: { readonly store: Store; readonly name: string },
  context: Context,
): Promise<Descriptor> {
  const started = performance.now();
  const subject = {
    transport: "docker-daemon",
    reference: parseReference(tag),
    elsewhere: false,
  } as const;
  const opened = await openImage(subject, { store: store.directory }, context);
  try {
    const [platform] = opened.image.platforms;
    if (platform === undefined) {
      throw fail("IMAGE_UNREADABLE", { image: tag, problem: "it has no platform" });
    }
    if (opened.from === "store") return opened.image.root;
    const layers: Descriptor[] = [];
    for (const layer of platform.manifest.layers) {
      layers.push(await compressInto(store, async () => await opened.source.open(layer)));
    }
    const { config } = platform.manifest;
    const configBytes = await opened.source.read(config);
    const document = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: await store.write(mediaTypes.config, configBytes),
      layers,
    };
    const root = await store.write(mediaTypes.manifest, Buffer.from(JSON.stringify(document)));
    await store.name(name, root);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const text = `The engine's own BuildKit has no exporter for the store: ${platformName(platform)} was read back from the engine and compressed, which took ${seconds} s. transship setup makes a builder that saves this.`;
    context.report({ kind: "note", text });
    return root;
  } finally {
    await opened.close();
  }
}

async function compressInto(
  store: Store,
  open: () => Promise<NodeJS.ReadableStream>,
): Promise<Descriptor> {
  return await inTemporaryDirectory("layer", async (directory) => {
    const file = path.join(directory, "layer.tar.gz");
    const hash = createHash("sha256");
    const meter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        hash.update(chunk);
        done(undefined, chunk);
      },
    });
    await pipeline(await open(), createGzip({ level: 6 }), meter, createWriteStream(file));
    const digest = digestFromHex(hash.digest("hex"));
    const { size } = await stat(file);
    await store.writeBlob({ digest, size }, createReadStream(file));
    return { mediaType: mediaTypes.layerGzip, digest, size };
  });
}
