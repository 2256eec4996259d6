/** Whether a server has already all that shipping would bring it, by what it says first: then nothing more is asked. */
import type { Image, PlatformImage } from "../image/image.ts";
import type { Digest } from "../oci/digest.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import { machineServes } from "../platform/machine.ts";
import type { FirstFacts } from "../server/facts.ts";
import { hasTemporary, shippedNames } from "../server/names.ts";
import { sameList } from "./plan.ts";

export interface Settled {
  readonly one: PlatformImage;
  /** The engine's. */
  readonly id: Digest;
}

/**
 * The platform that the server has under the image's own name, protected, and for its own machine; nothing is left there that a run
 * before this would have to remove.
 */
export function settledIn(
  { image, reference }: { readonly image: Image; readonly reference: Reference },
  { images, machine }: FirstFacts,
): Settled | undefined {
  const name = familiarName(reference);
  const held = images.find(({ names }) => names.includes(name));
  if (held === undefined || hasTemporary(images)) return undefined;
  const isProtected = shippedNames(images, reference).some((one) => held.names.includes(one));
  if (!isProtected) return undefined;
  const one = image.platforms.find(({ platform, manifest, config }) => {
    // The classic image store calls it by its config, containerd's by its root.
    const isSame = held.id === manifest.config.digest || held.id === image.root.digest;
    const runs = platform !== undefined && machineServes(machine, platform);
    return isSame && runs && sameList(held.layers, config.rootfs.diff_ids);
  });
  return one && { one, id: held.id };
}
