/** An image at a registry, read as any other: small documents whole, layers as they stream. */
import { Readable } from "node:stream";
import type { Context } from "../context.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, descriptorOf, mediaTypes } from "../oci/document.ts";
import type { Reference } from "../oci/reference.ts";
import type { ContentSource } from "../oci/source.ts";
import { contentWrong } from "./failure.ts";
import { createPlaces, type PlacesOptions } from "./places.ts";

/** The image's root and where to read from; `root` is `undefined` where the registry has no such image. */
export async function registrySource(
  reference: Reference,
  context: Pick<Context, "env" | "runner" | "report" | "signal">,
  options: PlacesOptions = {},
): Promise<{ readonly source: ContentSource; readonly root: Descriptor | undefined }> {
  const { repository } = reference;
  const places = createPlaces(reference, context, options);
  const source: ContentSource = {
    async read(descriptor) {
      const { digest } = descriptor;
      const found = await places.ask(async (client, registry) => {
        const bytes = isManifest(descriptor)
          ? (await client.manifest(repository, digest))?.bytes
          : await client.blob(repository, digest);
        if (bytes !== undefined) refuseOther(bytes, descriptor, registry);
        return bytes;
      });
      if (found === undefined) throw contentWrong(reference.registry, digest, "it is not there");
      return found;
    },
    open: (descriptor) => Readable.from(places.download(descriptor), { objectMode: false }),
  };
  const named = reference.digest ?? reference.tag ?? "latest";
  const found = await places.settle(async (client) => await client.manifest(repository, named));
  const root = found && descriptorOf(found.mediaType, found.bytes, found.digest);
  return { source, root };
}

/** @throws REGISTRY_CONTENT_WRONG */
function refuseOther(bytes: Uint8Array, { digest, size }: Descriptor, registry: string): void {
  const actual = digestOf(bytes);
  if (actual !== digest) throw contentWrong(registry, digest, `its bytes are ${actual}`);
  if (bytes.byteLength !== size)
    throw contentWrong(registry, digest, `it has ${bytes.byteLength} bytes instead of ${size}`);
}

function isManifest({ mediaType }: Descriptor): boolean {
  const { index, manifest, dockerIndex, dockerManifest } = mediaTypes;
  return [index, manifest, dockerIndex, dockerManifest].some((type) => type === mediaType);
}
