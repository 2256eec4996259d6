/** The names that images have on a server for our sake: one for as long as a pull lasts, and one that protects what was shipped. */
import { type Digest, shortDigest } from "../oci/digest.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import type { ServerFacts, ServerImage } from "./facts.ts";

/** Of the engine's own port, by a path that nobody can guess. */
const temporary = /^127\.0\.0\.1:(\d+)\/(transship\/[0-9a-f]{32})(?=[:@]|$)/;

/** A path for one pull; `random`: 16 bytes that nobody can foresee. */
export function temporaryRepository(random: Uint8Array): string {
  return `transship/${Buffer.from(random).toString("hex")}`;
}

/**
 * The temporary names of runs that are gone: nobody listens on their port any more. `own`: the port of this run, under which an
 * earlier one may have stood as well. None where the server does not tell who listens.
 */
export function leftNames(
  { images, listening }: Pick<ServerFacts, "images" | "listening">,
  own: number | undefined,
): readonly string[] {
  if (listening === undefined) return [];
  const live = new Set(listening.filter((port) => port !== own));
  const names = images.flatMap((image) => [...image.names, ...image.digests]);
  return names.filter((name) => {
    const port = Number(temporary.exec(name)?.[1] ?? Number.NaN);
    return !Number.isNaN(port) && !live.has(port);
  });
}

/** As docker's filter `reference` has them all. */
export const temporaryPattern = "127.0.0.1:*/transship/*";

/** Whether any of them has a temporary name, of a run that is going on or of one that is gone. */
export function hasTemporary(images: readonly ServerImage[]): boolean {
  return images.some(({ names, digests }) =>
    [...names, ...digests].some((name) => temporary.test(name)),
  );
}

const shippedRoot = "transship/shipped";

/** The repository of the names that protect a repository's images from being pruned when their own name goes to the next one. */
export function shippedRepository({ registry, repository }: Reference): string {
  const path = familiarName({ registry, repository });
  // A host's port and capital letters have no place in a path.
  return `${shippedRoot}/${path.toLowerCase().replaceAll(/[^a-z0-9._/-]+/g, "-")}`;
}

/** What tells that an image was loaded, so that the engine knows its layers by their DiffIDs alone. */
const loadedSuffix = "-loaded";

/** `transship/shipped/app:20261127T104500-1f2e3d4c5b6a`: they sort by time. */
export function shippedName(
  reference: Reference,
  digest: Digest,
  { now, isLoaded = false }: { readonly now: Date; readonly isLoaded?: boolean },
): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+Z$/g, "");
  const tag = `${time}-${shortDigest(digest)}${isLoaded ? loadedSuffix : ""}`;
  return `${shippedRepository(reference)}:${tag}`;
}

/** The protecting names of that repository that are there, the newest first. */
export function shippedNames(
  images: ServerFacts["images"],
  reference: Reference,
): readonly string[] {
  const prefix = `${shippedRepository(reference)}:`;
  const names = images.flatMap((image) => image.names.filter((name) => name.startsWith(prefix)));
  return names.toSorted().toReversed();
}

/** Whether an engine of the classic image store knows the digests of an image's layers: it learned them when it pulled them. */
export function wasPulled({ names, digests }: Pick<ServerImage, "names" | "digests">): boolean {
  return digests.length > 0 || names.some(tellsOfPull);
}

function tellsOfPull(name: string): boolean {
  return name.startsWith(`${shippedRoot}/`) && !name.endsWith(loadedSuffix);
}
