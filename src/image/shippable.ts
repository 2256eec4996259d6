/**
 * An image as blobs of the store, ready to be sent to a server: what is packed already goes as it is, byte for byte, and what is
 * plain (an engine's classic image store holds nothing else) is packed once.
 */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { Packing } from "../filesystem/pack.ts";
import { shortDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { counted } from "../store/amount.ts";
import type { Store } from "../store/store.ts";
import { type Image, labelOf, malformed, platformName, readImage } from "./image.ts";
import type { OpenImage } from "./opened.ts";
import { type LeftBehind, stowDocuments } from "./stowed-documents.ts";
import { type LayerWork, stowLayers } from "./stowed-layers.ts";

export interface StowOptions {
  readonly store: Store;
  /** What plain layers are packed with. */
  readonly compression: Packing;
}

export interface Stowed extends LayerWork {
  /** The manifest or index; the image's own where it came along as it is. */
  readonly root: Descriptor;
  /** As the store has it: all of it is there. */
  readonly image: Image;
}

/**
 * Brings the platforms of an opened image into the store, with what is attested of them. A config keeps its bytes, so the ID that a
 * classic image store gives stays the same; a manifest whose layers were packed is another, and so is an index above it. What the
 * index lists and `opened.image.platforms` has not stays behind, which is told: an engine may hold one platform of many, and a caller
 * who wants some alone takes the others out.
 *
 * Which blob a plain layer became is remembered in the cache directory, by DiffID, and counts while the store has that blob: the next
 * image with the layer neither reads nor packs it. So that `store prune` leaves such blobs where they are, the image is called
 * `transship/shipped:…` in the store, after its subject, until another is shipped from that subject or a prune takes the name away
 * (`transship store prune transship/shipped`). It takes no build's name away, and `openImage` finds an engine's image by it from
 * then on, without asking the engine to save it. Of an image that is the store's own and packed, nothing is copied or named.
 *
 * The caller holds `store.lock("shared")` until everything has been sent; of another layout that is read, `lockForReading` as well.
 * Each layer that is packed or copied is a task (`Report`), whose bytes are those that are read.
 * @throws IMAGE_UNREADABLE (a document, or a plain layer that is not its config's), ARCHIVE_…, STORE_…, REGISTRY_… of where it is read
 * (a layer that is not what its digest says leaves nothing), DISK_FULL, STORE_NOT_WRITABLE, STORE_LOCKED, the signal's reason
 */
export async function stow(
  opened: OpenImage,
  { store, compression }: StowOptions,
  context: Pick<Context, "report" | "signal" | "env">,
): Promise<Stowed> {
  const { name, image } = opened;
  const { report, signal, env } = context;
  try {
    const { packed, work } = await stowLayers(
      opened,
      { store, packing: compression, env },
      context,
    );
    const { root, left } = await stowDocuments(opened, packed, store);
    if (root === undefined) throw fail("IMAGE_UNREADABLE", { image: name, problem: nothing });
    const stowed = await readImage(root, { source: store, name });
    signal.throwIfAborted();
    for (const text of notesOf(name, stowed, left)) report({ kind: "note", text });
    const { digest } = image.root;
    const isOwn = opened.file(digest) === store.path(digest);
    if (isOwn && packed.size === 0) await store.touch(digest);
    else await store.name(shippedName(name), root);
    return { root, image: stowed, ...work };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof SyntaxError ? malformed(name, error) : error;
  }
}

const nothing = "none of the platforms that it lists is there";

/** `docker.io/transship/shipped:app-1`; what two subjects are called alike, the later one has. */
function shippedName(subject: string): string {
  const words = subject.replaceAll(/[^\w.]+/g, "-").slice(-100);
  const tag = words.replace(/^[.-]+/, "") || "image";
  return `docker.io/transship/shipped:${tag}`;
}

/** What is to be known of an image of which not everything came along. */
function notesOf(
  name: string,
  { root, platforms }: Image,
  { platforms: absent, outdated, missing }: LeftBehind,
): readonly string[] {
  const sent = `is sent as ${shortDigest(root.digest)}, for ${platforms.map(platformName).join(", ")} alone`;
  const lists = absent.map(({ platform, digest }) => (platform ? labelOf(platform) : digest));
  return [
    ...(absent.length > 0
      ? [`${name} lists ${lists.join(", ")}, which stays behind: it ${sent}.`]
      : []),
    ...(outdated.length > 0
      ? [
          `${counted(outdated.length, "attestation")} of ${name} stays behind: it is of plain layers.`,
        ]
      : []),
    ...(missing.length > 0
      ? [
          `${counted(missing.length, "attestation")} that ${name} lists is not there: it is sent without.`,
        ]
      : []),
  ];
}
