/** Small images for the registry's tests: real documents, any bytes for layers. */
import { Readable } from "node:stream";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { type Descriptor, descriptorOf, mediaTypes } from "../../src/oci/document.ts";
import type { ContentSource } from "../../src/oci/source.ts";

export interface TestImage {
  readonly root: Descriptor;
  readonly store: ContentSource;
  readonly blobs: Map<Digest, Uint8Array>;
}

/** An index of one image for each platform; each has the layers that all share, and one of its own. */
export function indexOf(
  platforms: readonly string[],
  { shared = ["shared layer"] }: { readonly shared?: readonly (string | Uint8Array)[] } = {},
): TestImage {
  const { add, json, image } = startImage();
  const manifests = platforms.map((platform) => {
    const [os = "", architecture = ""] = platform.split("/");
    const layers = [...shared, `the layer of ${platform}`].map((text) =>
      add(mediaTypes.layer, text),
    );
    const diffIds = layers.map(({ digest }) => digest);
    const config = json(mediaTypes.config, {
      os,
      architecture,
      rootfs: { type: "layers", diff_ids: diffIds },
    });
    const manifest = json(mediaTypes.manifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config,
      layers,
    });
    return { ...manifest, platform: { os, architecture } };
  });
  return image(
    json(mediaTypes.index, { schemaVersion: 2, mediaType: mediaTypes.index, manifests }),
  );
}

function startImage() {
  const blobs = new Map<Digest, Uint8Array>();
  const add = (mediaType: string, content: string | Uint8Array): Descriptor => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return descriptorOf(mediaType, bytes, digest);
  };
  const bytesOf = ({ digest }: Descriptor): Uint8Array => {
    const bytes = blobs.get(digest);
    if (bytes === undefined) throw new Error(`the test's image has no blob ${digest}`);
    return bytes;
  };
  return {
    add,
    json: (mediaType: string, document: object) => add(mediaType, JSON.stringify(document)),
    image: (root: Descriptor): TestImage => ({
      root,
      blobs,
      store: {
        read: async (descriptor) => bytesOf(descriptor),
        open: async (descriptor) => Readable.from([bytesOf(descriptor)]),
      },
    }),
  };
}
