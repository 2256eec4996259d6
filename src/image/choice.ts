/** Which image of several: by its name, by its place, or the only one. */
import { fail } from "../errors.ts";
import { canonicalName, familiarName, readReference, tagged } from "../oci/reference.ts";

export interface Choice {
  /** An image's full or short name, or a tag alone. */
  readonly name?: string;
  /** Counted from 0. */
  readonly index?: number;
}

export interface Candidate<T> {
  /** As they are written where it was found. */
  readonly names: readonly string[];
  /** What is the same has the same key. */
  readonly key: string;
  readonly value: T;
}

export interface ChoiceContext {
  /** What was asked for, as people write it. */
  readonly subject: string;
  /** `the archive app.tar`. */
  readonly where: string;
}

const mostListed = 20;

/**
 * The newest wins where several have the name that was asked for.
 * @throws IMAGE_MISSING, IMAGE_UNNAMED
 */
export function choose<T>(
  candidates: readonly Candidate<T>[],
  { name, index }: Choice,
  { subject, where }: ChoiceContext,
): T {
  const found =
    name === undefined
      ? candidates[index ?? onlyOf(candidates, where)]
      : (candidates.findLast((one) => one.names.includes(name)) ??
        candidates.findLast((one) => one.names.some((written) => isSame(written, name))));
  if (found !== undefined) return found.value;
  const listed = candidates.length === 0 ? "is empty" : `has ${list(candidates).join(", ")}`;
  throw fail("IMAGE_MISSING", { image: subject, where: `${where}, which ${listed}` });
}

function onlyOf(candidates: readonly Candidate<unknown>[], where: string): number {
  if (new Set(candidates.map(({ key }) => key)).size > 1)
    throw fail("IMAGE_UNNAMED", { where, present: list(candidates) });
  return 0;
}

function list(candidates: readonly Candidate<unknown>[]): readonly string[] {
  const words = candidates.map(({ names: [name] }, n) =>
    name === undefined ? `@${n}` : familiar(name),
  );
  const more = words.length - mostListed;
  return more > 0 ? [...words.slice(0, mostListed), `${more} more`] : words;
}

/** Whether two names are of the same image: `app` and `docker.io/library/app:latest`. */
function isSame(one: string, other: string): boolean {
  const name = canonical(one);
  return name !== undefined && name === canonical(other);
}

function canonical(text: string): string | undefined {
  const reference = readReference(text);
  return reference && canonicalName(tagged(reference));
}

function familiar(text: string): string {
  const reference = readReference(text);
  return reference === undefined ? text : familiarName(reference);
}
