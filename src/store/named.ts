/** A name of the store as people see it: what it is called, which patterns it matches, how old it is. */
import { globExpression } from "../glob.ts";
import { shortDigest } from "../oci/digest.ts";
import { familiarName, readReference } from "../oci/reference.ts";
import type { Inventory } from "./inventory.ts";
import type { NamedEntry } from "./layout.ts";

/** BuildKit's: when it wrote the entry, or `SOURCE_DATE_EPOCH`. */
const createdAnnotation = "org.opencontainers.image.created";

/** `app:1`, `registry.example.org/app:1`; what has no name is called by its tag, else by its digest. */
export function displayName({ name, tag, descriptor }: NamedEntry): string {
  if (name !== undefined) return familiar(name)?.whole ?? name;
  return tag === undefined ? `@${shortDigest(descriptor.digest)}` : `:${tag}`;
}

/**
 * Whether a pattern is of that name: the whole (`app:1`, `docker.io/library/app:1`) or all tags (`app`), as a
 * glob: docker's own filter `reference=` knows the same.
 */
export function matches(entry: NamedEntry, pattern: string): boolean {
  const { name, tag } = entry;
  const words = name === undefined ? [tag] : [name, familiar(name)?.repository];
  const expression = globExpression(pattern);
  return [displayName(entry), ...words].some((word) => word !== undefined && expression.test(word));
}

/**
 * When a build last wrote or found the image: the later of its root's file and BuildKit's own annotation, neither of which
 * alone tells it. A build of the same bytes leaves the file of plain `docker buildx` as it is, and an annotation may be
 * `SOURCE_DATE_EPOCH`. `undefined` where there is neither.
 */
export function lastBuiltMs(
  { descriptor }: NamedEntry,
  { blobs, takenMs }: Pick<Inventory, "blobs" | "takenMs">,
): number | undefined {
  const created = Date.parse(descriptor.annotations?.[createdAnnotation] ?? "");
  const written = blobs.get(descriptor.digest)?.writtenMs;
  const known = [created, written ?? Number.NaN].filter((one) => !Number.isNaN(one));
  if (known.length === 0) return undefined;
  // A clock that was wrong makes nothing younger than now.
  return Math.min(takenMs, Math.max(...known));
}

function familiar(name: string): { whole: string; repository: string } | undefined {
  const reference = readReference(name);
  if (reference === undefined) return undefined;
  const { registry, repository } = reference;
  return { whole: familiarName(reference), repository: familiarName({ registry, repository }) };
}
