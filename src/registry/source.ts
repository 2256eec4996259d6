/** An image at a registry, read as any other: small documents whole, layers as they stream. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { digestFromHex, digestOf } from "../oci/digest.ts";
import { type Descriptor, descriptorOf, mediaTypes } from "../oci/document.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import type { ContentSource } from "../oci/source.ts";
import { createRegistryClient, type RegistryOptions } from "./client.ts";

/** A question is asked again sooner, and given up sooner, than an upload. */
const patience = { attempts: 3, firstPauseMs: 200, longestPauseMs: 10_000 };

/** The image's root and where to read from; `root` is `undefined` where the registry has no such image. */
export async function registrySource(
  reference: Reference,
  context: Pick<Context, "env" | "runner" | "report" | "signal">,
  options: Pick<RegistryOptions, "plainHttp" | "patience"> = {},
): Promise<{ readonly source: ContentSource; readonly root: Descriptor | undefined }> {
  const client = createRegistryClient(reference.registry, context, { patience, ...options });
  const { repository } = reference;
  const source: ContentSource = {
    async read(descriptor) {
      const bytes = isManifest(descriptor)
        ? (await client.manifest(repository, descriptor.digest))?.bytes
        : await client.blob(repository, descriptor.digest);
      if (
        bytes === undefined ||
        bytes.byteLength !== descriptor.size ||
        digestOf(bytes) !== descriptor.digest
      ) {
        throw differs(reference, descriptor, bytes === undefined ? "nothing" : digestOf(bytes));
      }
      return bytes;
    },
    async open(descriptor) {
      const body = await client.openBlob(repository, descriptor.digest);
      return Readable.from(checked(body, reference, descriptor), { objectMode: false });
    },
  };
  const found = await client.manifest(repository, reference.digest ?? reference.tag ?? "latest");
  const root = found && descriptorOf(found.mediaType, found.bytes, found.digest);
  return { source, root };
}

/** Hands the bytes on, and fails at their end when they were not the blob's. */
async function* checked(
  body: AsyncIterable<Uint8Array>,
  reference: Reference,
  descriptor: Descriptor,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > descriptor.size)
      throw differs(reference, descriptor, `more than ${descriptor.size} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  const actual = digestFromHex(hash.digest("hex"));
  if (actual !== descriptor.digest) throw differs(reference, descriptor, actual);
}

function differs(reference: Reference, { digest }: Descriptor, actual: string) {
  return fail("REGISTRY_DIFFERS", { reference: familiarName(reference), expected: digest, actual });
}

function isManifest({ mediaType }: Descriptor): boolean {
  const { index, manifest, dockerIndex, dockerManifest } = mediaTypes;
  return [index, manifest, dockerIndex, dockerManifest].some((type) => type === mediaType);
}
