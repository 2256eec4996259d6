/** An OCI layout in a tar archive (OCI image-spec, image-layout.md), as buildx, podman and engines since 25 write it. */
import { Readable } from "node:stream";
import * as z from "zod";
import { fail } from "../errors.ts";
import { checked } from "../oci/checked.ts";
import { type Digest, digestOf, hexOf } from "../oci/digest.ts";
import { type Descriptor, parseIndex } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { layoutVersion } from "../store/layout.ts";
import { annotations } from "../store/names.ts";
import { type Archive, unreadable } from "./archive.ts";
import { type Candidate, type Choice, choose } from "./choice.ts";
import type { Root } from "./opened.ts";

const version = z.object({ imageLayoutVersion: z.literal(layoutVersion) });

/** The image of that choice. @throws ARCHIVE_UNREADABLE, IMAGE_MISSING, IMAGE_UNNAMED */
export async function openOciArchive(
  archive: Archive,
  choice: Choice,
  subject: string,
): Promise<Root> {
  const entries = await layoutEntries(archive);
  const where = `the archive ${archive.name}`;
  const root = choose(entries.map(candidateOf), choice, { subject, where });
  return { root, source: blobSource(archive) };
}

/** The entries of its `index.json`. @throws ARCHIVE_UNREADABLE, ARCHIVE_BLOB_MISSING */
export async function layoutEntries(archive: Archive): Promise<readonly Descriptor[]> {
  const { name } = archive;
  if (!archive.has("index.json")) {
    const other = archive.has("manifest.json") ? `: it is docker's, docker-archive:${name}` : "";
    throw unreadable(name, `it has no index.json${other}`);
  }
  const isKnown = version.safeParse(parseJson(await archive.read("oci-layout"))).success;
  if (!isKnown) throw unreadable(name, `its layout version is not ${layoutVersion}`);
  try {
    return parseIndex(await archive.read("index.json")).manifests;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unreadable(name, `its index.json is malformed (${error.message})`);
  }
}

/** The names of an entry: the image's full name, and its tag alone. */
export function candidateOf(descriptor: Descriptor): Candidate<Descriptor> {
  const names = [annotations.imageName, annotations.refName]
    .map((key) => descriptor.annotations?.[key])
    .filter((name) => name !== undefined);
  return { names, key: descriptor.digest, value: descriptor };
}

/** The layout's blobs; all that is read is held against its digest. */
export function blobSource(archive: Archive): ContentSource {
  const open = ({ digest, size }: Descriptor) => {
    const entry = blobPath(digest);
    const differs = (problem: string) =>
      fail("ARCHIVE_DAMAGED", { archive: archive.name, entry, problem });
    const member = archive.find(entry);
    if (member.size !== size) throw differs(`it has ${member.size} bytes instead of ${size}`);
    return checked(archive.open(member), { digest, size, differs });
  };
  return {
    async read(descriptor) {
      const bytes = await archive.read(blobPath(descriptor.digest));
      const actual = digestOf(bytes);
      if (actual === descriptor.digest && bytes.byteLength === descriptor.size) return bytes;
      const entry = blobPath(descriptor.digest);
      const problem = `its ${bytes.byteLength} bytes are ${actual}`;
      throw fail("ARCHIVE_DAMAGED", { archive: archive.name, entry, problem });
    },
    open: (descriptor) => Readable.from(open(descriptor), { objectMode: false }),
  };
}

function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
