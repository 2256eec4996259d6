/** What a stage starts from, or copies from. */
import { readReference, type Reference } from "../oci/reference.ts";
import type { Platform } from "../platform/platform.ts";
import type { NamedContext } from "./context.ts";
import type { Range } from "./range.ts";

/** What cannot be told from the Dockerfile and the request, and why: one clause without a full stop. */
export interface Unresolved {
  readonly kind: "unresolved";
  readonly reason: string;
}

interface ImageBase {
  readonly kind: "image";
  /** The name as it is after its variables were replaced. */
  readonly name: string;
  readonly reference: Reference;
  /** Whether it is named by its digest, which may be that of one platform alone. */
  readonly isPinned: boolean;
  /** The platform that it is pulled for. */
  readonly platform: Platform | Unresolved;
  /** Variables that are not set and left a gap in the name, as in `${REGISTRY}alpine`. */
  readonly missing: readonly string[];
  /** Where it is named. */
  readonly range: Range;
}

export type Base =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly index: number }
  | ({ readonly kind: "context" } & NamedContext)
  | ImageBase
  | Unresolved;

export function isUnresolved(value: Platform | Unresolved): value is Unresolved {
  return "reason" in value;
}

/** An image, or the context that takes its place. */
export function imageNamed(
  named: {
    readonly name: string;
    readonly range: Range;
    readonly missing: ReadonlySet<string>;
    readonly platform: Platform | Unresolved;
  },
  findContext: (name: string) => NamedContext | undefined,
): Base {
  const { name, range, platform } = named;
  if (name === "scratch") return { kind: "scratch" };
  const context = findContext(name);
  if (context !== undefined) return { kind: "context", ...context };
  const reference = readReference(name);
  if (reference === undefined) {
    const isGap = name === "" || named.missing.size > 0;
    return unresolved(
      isGap ? `its image is ${gap(name, named.missing)}` : `${name} is no image's name`,
    );
  }
  const isPinned = reference.digest !== undefined;
  return { kind: "image", name, reference, isPinned, platform, missing: [...named.missing], range };
}

/** A text that variables left a gap in. */
export function gap(text: string, missing: ReadonlySet<string>): string {
  const names = [...missing].join(", ");
  return `${text || "empty"}${names === "" ? "" : `, because ${names} is not set`}`;
}

export function unresolved(reason: string): Unresolved {
  return { kind: "unresolved", reason };
}
