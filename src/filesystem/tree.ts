/** The merged tree of an image's layers: what a container of it sees (OCI image-spec, layer.md, "Whiteouts"). */
import { type Entry, normalizePath } from "./entry.ts";

export interface Node {
  readonly entry: Entry;
  /** Which layer brought it, 0 being the lowest. */
  readonly layer: number;
  readonly children: Map<string, Node>;
}

/** What a path leads to. */
type Lookup =
  | { readonly outcome: "found"; readonly path: string; readonly node: Node }
  | { readonly outcome: "missing"; readonly path: string }
  /** More symbolic links than the kernel follows (path_resolution(7)). */
  | { readonly outcome: "loop"; readonly path: string };

export interface Tree {
  /** Follows symbolic links, as a program that opens the path would. `path` is read from the root. */
  lookup(path: string): Lookup;
}

const mostLinks = 40;
const whiteout = ".wh.";
const opaque = ".wh..wh..opq";

/** Lays the layers over each other, the lowest first. */
export function mergeLayers(layers: readonly { readonly entries: readonly Entry[] }[]): Tree {
  const root = directoryNode("", 0);
  for (const [layer, { entries }] of layers.entries()) {
    // What a layer takes away is of the layers below it, wherever in the archive that stands.
    for (const { path } of entries) takeAway(root, path);
    for (const entry of entries) put(root, entry, layer);
  }
  return { lookup: (path) => lookup(root, path) };
}

function takeAway(root: Node, path: string): void {
  const { parent, name } = split(path);
  if (!name.startsWith(whiteout)) return;
  const directory = descend(root, parent);
  if (directory === undefined) return;
  if (name === opaque) directory.children.clear();
  else directory.children.delete(name.slice(whiteout.length));
}

function put(root: Node, entry: Entry, layer: number): void {
  const { parent, name } = split(entry.path);
  if (name === "" || name.startsWith(whiteout)) return;
  const directory = makeDirectories(root, parent, layer);
  const before = directory.children.get(name);
  const keeps = entry.type === "directory" && before?.entry.type === "directory";
  const children = keeps ? before.children : new Map<string, Node>();
  directory.children.set(name, { entry: linked(root, entry), layer, children });
}

/** A hard link is the file itself under another name. */
function linked(root: Node, entry: Entry): Entry {
  if (entry.type !== "link") return entry;
  const file = descend(root, entry.target ?? "")?.entry;
  return file === undefined ? { ...entry, type: "other" } : { ...file, path: entry.path };
}

function makeDirectories(root: Node, path: string, layer: number): Node {
  let node = root;
  let walked = "";
  for (const name of parts(path)) {
    walked = walked === "" ? name : `${walked}/${name}`;
    let next = node.children.get(name);
    if (next === undefined || (next.entry.type !== "directory" && next.entry.type !== "symlink")) {
      next = directoryNode(walked, layer);
      node.children.set(name, next);
    }
    // An archive that writes through a link of a lower layer lands where the link leads.
    node = next.entry.type === "symlink" ? (followed(root, walked) ?? next) : next;
  }
  return node;
}

function followed(root: Node, path: string): Node | undefined {
  const found = lookup(root, path);
  return found.outcome === "found" && found.node.entry.type === "directory"
    ? found.node
    : undefined;
}

function lookup(root: Node, path: string): Lookup {
  let links = 0;
  let rest = parts(path);
  let at: { readonly name: string; readonly node: Node }[] = [];
  while (rest.length > 0) {
    const [name = "", ...more] = rest;
    rest = more;
    if (name === "..") {
      at = at.slice(0, -1);
      continue;
    }
    const next = (at.at(-1)?.node ?? root).children.get(name);
    const here = [...at.map((step) => step.name), name].join("/");
    if (next === undefined) return { outcome: "missing", path: `/${here}` };
    if (next.entry.type !== "symlink") {
      at = [...at, { name, node: next }];
      continue;
    }
    links += 1;
    if (links > mostLinks) return { outcome: "loop", path: `/${here}` };
    const target = next.entry.target ?? "";
    if (target.startsWith("/")) at = [];
    rest = [...parts(target), ...rest];
  }
  const last = at.at(-1);
  const full = `/${at.map((step) => step.name).join("/")}`;
  return { outcome: "found", path: full, node: last?.node ?? root };
}

/** The node of that very path, no link followed. */
function descend(root: Node, path: string): Node | undefined {
  let node: Node | undefined = root;
  for (const name of parts(path)) node = node?.children.get(name);
  return node;
}

function split(path: string): { readonly parent: string; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return { parent: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
}

function parts(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function directoryNode(path: string, layer: number): Node {
  const entry: Entry = { path: normalizePath(path), type: "directory", mode: 0o755, size: 0 };
  return { entry, layer, children: new Map() };
}
