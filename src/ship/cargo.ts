/** What is shipped: an image whose blobs are files of this machine, and the name that it will have. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { Image } from "../image/image.ts";
import { openImage, type OpenImage } from "../image/open.ts";
import type { Subject } from "../image/subject.ts";
import type { Digest } from "../oci/digest.ts";
import { gatherParts, type Parts } from "../oci/parts.ts";
import { parseReference, readReference, type Reference, tagged } from "../oci/reference.ts";
import { annotations } from "../store/names.ts";

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

export interface CargoOptions {
  readonly subject: Subject;
  /** In place of the image's own name. */
  readonly name?: string;
  readonly store: string;
}

/** The caller closes what was opened. @throws SHIP_NAME_MISSING, the errors of opening an image */
export async function openCargo(options: CargoOptions, context: Context): Promise<Cargo> {
  const opened = await openImage(options.subject, { store: options.store }, context);
  try {
    const { image, name } = opened;
    const reference = referenceOf(options, image, name);
    const parts = await gatherParts(opened.source, image.root);
    const file = (digest: Digest) => {
      const path = opened.file(digest);
      if (path === undefined) throw new TypeError(`${digest} is no file of its own`);
      return path;
    };
    return { subject: name, reference, opened, image, parts, file };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** @throws SHIP_NAME_MISSING, REFERENCE_INVALID */
function referenceOf(
  { subject, name }: Pick<CargoOptions, "subject" | "name">,
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
    case "docker-archive":
      return readReference(names[annotations.imageName] ?? subject.name ?? "");
  }
}
