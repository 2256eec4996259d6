/** What is shipped: an image whose blobs are files of this machine, and the name that it will have. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { Packing } from "../filesystem/pack.ts";
import { platformName, type Image } from "../image/image.ts";
import { openImage, type OpenImage } from "../image/open.ts";
import { isPlain } from "../image/packed-layer.ts";
import { stow } from "../image/shippable.ts";
import { storedSubject, type Subject } from "../image/subject.ts";
import type { Digest } from "../oci/digest.ts";
import { gatherParts, type Parts } from "../oci/parts.ts";
import { parseReference, readReference, type Reference, tagged } from "../oci/reference.ts";
import { noteWaiting } from "../process/lock.ts";
import { annotations } from "../store/names.ts";
import { openNamed } from "./named-image.ts";
import { openStore } from "../store/store.ts";

export interface Cargo {
  /** As people write it. */
  readonly subject: string;
  /** Its name on the servers. */
  readonly reference: Reference;
  readonly opened: OpenImage;
  readonly image: Image;
  readonly parts: Parts;
  /** Where a blob is. */
  readonly file: (digest: Digest) => string;
}

/** An image that was opened; what of it is shipped depends on what a server's engine can read. */
export interface Consignment {
  readonly image: Image;
  /** Its name on the servers. */
  readonly reference: Reference;
  /** The blobs as they are, else packed with that; each only once. @throws the errors of {@link stow} */
  cargo(packing: Packing): Promise<Cargo>;
  close(): Promise<void>;
}

export interface ConsignmentOptions {
  readonly subject: Subject;
  /** In place of the image's own name. */
  readonly name?: string;
  /** The store's directory: what is no layout on disk is brought there. */
  readonly store: string;
  /** Nothing is brought anywhere: plain layers are counted as they are. */
  readonly dryRun?: boolean;
}

/** @throws SHIP_NAME_MISSING, the errors of opening an image */
export async function openConsignment(
  options: ConsignmentOptions,
  context: Context,
): Promise<Consignment> {
  const opened = await openNamed(options.subject, options.store, context);
  const undo = [async () => await opened.close()];
  const close = async () => {
    for (const one of undo.splice(0).toReversed()) await one();
  };
  try {
    const { image, name } = opened;
    const reference = referenceOf(options, image, name);
    const about = { subject: name, reference };
    const made = new Map<Packing | "as-is", Promise<Cargo>>();
    const once = async (key: Packing | "as-is", make: () => Promise<Cargo>) => {
      const cargo = made.get(key) ?? make();
      made.set(key, cargo);
      return await cargo;
    };
    return {
      image,
      reference,
      async cargo(packing) {
        if (isAtHand(opened) || options.dryRun === true)
          return await once("as-is", async () => await cargoOf(opened, about));
        return await once(hasPlain(image) ? packing : "as-is", async () => {
          return await cargoOf(await stowed(opened, packing, { options, undo }, context), about);
        });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether each blob is a file of its own that can go as it is. */
function isAtHand({ from, image }: OpenImage): boolean {
  return (from === "store" || from === "layout") && !hasPlain(image);
}

function hasPlain({ platforms }: Image): boolean {
  return platforms.some(({ manifest }) => manifest.layers.some(isPlain));
}

async function cargoOf(
  opened: OpenImage,
  about: Pick<Cargo, "subject" | "reference">,
): Promise<Cargo> {
  const parts = await gatherParts(opened.source, opened.image.root);
  const file = (digest: Digest) => {
    const path = opened.file(digest);
    if (path === undefined) throw new TypeError(`${digest} is no file of its own`);
    return path;
  };
  return { ...about, opened, image: opened.image, parts, file };
}

/** The image as the store has it from now on. Nothing prunes it away until all is sent. */
async function stowed(
  opened: OpenImage,
  compression: Packing,
  { options, undo }: { options: ConsignmentOptions; undo: (() => Promise<void>)[] },
  context: Context,
): Promise<OpenImage> {
  const store = await openStore(options.store, context.signal);
  const waiting = noteWaiting(context.report);
  const lock = await store.lock("shared", { purpose: "transship ship", waiting });
  undo.push(async () => await lock.release());
  const { name, image } = opened;
  const from = image.platforms.map(platformName).join(", ");
  context.report({ kind: "detail", text: `Bringing ${name} (${from}) into the store` });
  const { root } = await stow(opened, { store, compression }, context);
  // Other work follows, whose tasks are numbered anew.
  context.report({ kind: "tasks" });
  return await openImage(storedSubject(store.directory, root), { store: options.store }, context);
}

/** @throws SHIP_NAME_MISSING, REFERENCE_INVALID */
function referenceOf(
  { subject, name }: Pick<ConsignmentOptions, "subject" | "name">,
  { root }: Image,
  shown: string,
): Reference {
  const reference =
    name === undefined ? ownReference(subject, root.annotations) : parseReference(name);
  if (reference === undefined) throw fail("SHIP_NAME_MISSING", { image: shown });
  const { digest: _digest, ...rest } = tagged(reference);
  return tagged(rest);
}

function ownReference(
  subject: Subject,
  names: Readonly<Record<string, string>> = {},
): Reference | undefined {
  switch (subject.transport) {
    case "docker":
      return subject.reference;
    case "docker-daemon":
      return subject.id === undefined ? subject.reference : undefined;
    case "oci":
    case "oci-archive":
      return readReference(names[annotations.imageName] ?? subject.name ?? "");
    case "docker-archive":
      return readReference(subject.name ?? names[annotations.imageName] ?? "");
  }
}
