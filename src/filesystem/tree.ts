/** The merged tree of an image's layers: what a container of it sees (OCI image-spec, layer.md, "Whiteouts"). */
import type { LayerFacts } from "./layer.ts";
import { type Child, Directory, impliedEntry } from "./tree/directory.ts";
import { layInto } from "./tree/lay.ts";
import { type Node, type Nodes, nodesOf } from "./tree/nodes.ts";
import { resolve } from "./tree/resolve.ts";

export type { Node } from "./tree/nodes.ts";

/** What a path leads to (path_resolution(7)). */
type Lookup =
  | {
      readonly outcome: "found";
      /** Real and absolute: without links, `.` and `..`. */
      readonly path: string;
      readonly node: Node;
      /** The symbolic links that were followed, in order: `/lib -> usr/lib`. */
      readonly links: readonly string[];
    }
  /** ENOENT: nothing has that real path. */
  | { readonly outcome: "missing"; readonly path: string }
  /** ELOOP: more symbolic links than the kernel follows; the one at which it gives up. */
  | { readonly outcome: "loop"; readonly path: string }
  /** ENOTDIR: what has that real path is no directory, and the path goes on. */
  | { readonly outcome: "not-a-directory"; readonly path: string };

interface LookupOptions {
  /** The working directory, where the path is relative; absent: the root. */
  readonly from?: string;
  /** Whether a symbolic link at the path's end is followed, as opening it does; absent: it is. */
  readonly followLast?: boolean;
}

export interface Tree {
  /** Resolves a path as the kernel does for a program inside the container. */
  lookup(path: string, options?: LookupOptions): Lookup;
  /** What a directory holds, links that lead to it followed; nothing where it is none. */
  list(path: string): Iterable<readonly [name: string, node: Node]>;
  /** Every regular file, with its real absolute path. */
  files(): Iterable<{ readonly path: string; readonly node: Node }>;
  /** What an engine would refuse while it unpacks the layers over each other, and what was left out: sentences. */
  readonly problems: readonly string[];
}

/** Lays the layers over each other, the lowest first. */
export function mergeLayers(layers: readonly Pick<LayerFacts, "list">[]): Tree {
  const lists = layers.map(({ list }) => list);
  const nodes = nodesOf(lists);
  const root = new Directory("", undefined, 0);
  const laying = layInto(root, nodes);
  for (const list of lists) laying.lay(list);
  return {
    lookup: (path, options) => lookup(root, nodes, path, options),
    *list(path) {
      const found = resolve(root, nodes, path);
      if (found.outcome !== "found" || found.name !== undefined) return;
      for (const [name, child] of found.directory.children())
        yield [name, nodeOf(nodes, child)] as const;
    },
    files: () => filesBelow(root, nodes),
    problems: laying.problems,
  };
}

function lookup(root: Directory, nodes: Nodes, path: string, options?: LookupOptions): Lookup {
  const found = resolve(root, nodes, path, options);
  if (found.outcome !== "found") return found;
  const { directory, links } = found;
  const above = directory.path();
  return found.name === undefined
    ? { outcome: "found", path: above || "/", node: nodeOf(nodes, directory), links }
    : { outcome: "found", path: `${above}/${found.name}`, node: nodes.node(found.number), links };
}

function nodeOf(nodes: Nodes, child: Child): Node {
  if (!(child instanceof Directory)) return nodes.node(child);
  const { entry, layer } = child;
  return entry === undefined ? { entry: impliedEntry(child.path()), layer } : nodes.node(entry);
}

function* filesBelow(
  root: Directory,
  nodes: Nodes,
): Generator<{ readonly path: string; readonly node: Node }> {
  const directories = [root];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    const above = directory.path();
    for (const [name, child] of directory.children()) {
      if (child instanceof Directory) directories.push(child);
      else if (nodes.type(child) === "file")
        yield { path: `${above}/${name}`, node: nodes.node(child) };
    }
  }
}
