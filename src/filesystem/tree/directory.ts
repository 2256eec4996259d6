/** A directory of the merged tree. */
import type { Entry } from "../entry.ts";

/** What a directory holds under a name: another directory, or the number of an entry. */
export type Child = Directory | number;

interface OnlyChild {
  readonly name: string;
  readonly child: Child;
}

export class Directory {
  readonly name: string;
  /** The root has none. */
  readonly parent: Directory | undefined;
  /** The number of its entry; `undefined` where no archive lists it. */
  entry: number | undefined;
  /** Which layer brought it, where no archive lists it. */
  readonly layer: number;
  /** What it holds, or its one child: a map of one takes three times the memory of everything else. */
  #children: Map<string, Child> | OnlyChild | undefined;

  constructor(name: string, parent: Directory | undefined, layer: number, entry?: number) {
    this.name = name;
    this.parent = parent;
    this.layer = layer;
    this.entry = entry;
  }

  get(name: string): Child | undefined {
    const children = this.#children;
    if (children instanceof Map) return children.get(name);
    return children?.name === name ? children.child : undefined;
  }

  set(name: string, child: Child): void {
    const children = this.#children;
    if (children instanceof Map) children.set(name, child);
    else if (children === undefined || children.name === name) this.#children = { name, child };
    else {
      this.#children = new Map([
        [children.name, children.child],
        [name, child],
      ]);
    }
  }

  delete(name: string): void {
    const children = this.#children;
    if (children instanceof Map) children.delete(name);
    else if (children?.name === name) this.#children = undefined;
  }

  clear(): void {
    this.#children = undefined;
  }

  children(): Iterable<readonly [name: string, child: Child]> {
    const children = this.#children;
    if (children === undefined) return [];
    return children instanceof Map ? children : [[children.name, children.child]];
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
