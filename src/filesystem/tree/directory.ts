/** A directory of the merged tree. */
import type { Entry } from "../entry.ts";

/** What a directory holds under a name: another directory, or the number of an entry. */
export type Child = Directory | number;

export class Directory {
  readonly name: string;
  /** The root has none. */
  readonly parent: Directory | undefined;
  /** The number of its entry; `undefined` where no archive lists it. */
  entry: number | undefined;
  /** Which layer brought it, where no archive lists it. */
  readonly layer: number;
  /** Absent where it is empty, as many are for ever. */
  #children: Map<string, Child> | undefined;

  constructor(name: string, parent: Directory | undefined, layer: number, entry?: number) {
    this.name = name;
    this.parent = parent;
    this.layer = layer;
    this.entry = entry;
  }

  get(name: string): Child | undefined {
    return this.#children?.get(name);
  }

  set(name: string, child: Child): void {
    this.#children ??= new Map();
    this.#children.set(name, child);
  }

  delete(name: string): void {
    this.#children?.delete(name);
  }

  clear(): void {
    this.#children = undefined;
  }

  children(): Iterable<readonly [name: string, child: Child]> {
    return this.#children ?? [];
  }

  /** Absolute; the root's is the empty text. */
  path(): string {
    // Links may lead deeper than calls can be nested.
    const names = [this.name];
    for (let above = this.parent; above !== undefined; above = above.parent) names.push(above.name);
    return names.toReversed().join("/");
  }
}

/** The entry of a directory that no archive lists; the engines make it so. */
export function impliedEntry(path: string): Entry {
  return { path: path.slice(1), type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0 };
}
