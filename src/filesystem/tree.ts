/** The merged tree of an image's layers: what a container of it sees (OCI image-spec, layer.md, "Whiteouts"). */
import { type Entry, shortened } from "./entry.ts";

export interface Node {
  /** A hard link's is that of the file itself, so its path may be another one. */
  readonly entry: Entry;
  /** Which layer brought this name, 0 being the lowest. */
  readonly layer: number;
}

/** What a path leads to (path_resolution(7)). */
export type Lookup =
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

export interface LookupOptions {
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
  /** What an engine would refuse while it unpacks the layers over each other: sentences. */
  readonly problems: readonly string[];
}

/** Lays the layers over each other, the lowest first. */
export function mergeLayers(layers: readonly { readonly entries: readonly Entry[] }[]): Tree {
  const root = new Directory(impliedEntry(""), 0, "", undefined);
  const laying: Laying = { root, layer: 0, walked: 0, problems: [] };
  for (const [layer, { entries }] of layers.entries()) {
    laying.layer = layer;
    // What a layer takes away is of the layers below it, wherever in the archive that stands.
    for (const { path } of entries) if (path.includes(whiteout)) takeAway(laying, path);
    layOver(laying, entries);
  }
  return {
    lookup: (path, options = {}) => resolve(root, path, options),
    list(path) {
      const found = resolve(root, path, {});
      const isDirectory = found.outcome === "found" && found.node instanceof Directory;
      return isDirectory ? found.node.children : [];
    },
    files: () => filesBelow(root),
    problems: laying.problems,
  };
}

/** A directory knows its place, so that no path is put together twice. */
class Directory implements Node {
  entry: Entry;
  layer: number;
  /** Absolute; the root's is the empty text. */
  readonly path: string;
  readonly parent: Directory | undefined;
  readonly children = new Map<string, Node>();

  constructor(entry: Entry, layer: number, path: string, parent: Directory | undefined) {
    this.entry = entry;
    this.layer = layer;
    this.path = path;
    this.parent = parent;
  }
}

/** The kernel's `MAXSYMLINKS` (`include/linux/namei.h`). */
const mostLinks = 40;
const whiteout = ".wh.";
const opaque = ".wh..wh..opq";
/** Names of AUFS itself; the engines pass over them. */
const metadata = ".wh..wh.";
const mostProblems = 20;
/** Characters of links that are followed while layers are laid over each other; a million files behind `/bin` are 10 million. */
const mostWalked = 2 ** 26;

interface Laying {
  readonly root: Directory;
  layer: number;
  /** Characters of links that were followed so far. */
  walked: number;
  readonly problems: string[];
}

function takeAway(laying: Laying, path: string): void {
  const { above, name } = split(path);
  if (!name.startsWith(whiteout)) return;
  const directory = makeDirectory(laying, above);
  if (name === opaque) directory?.children.clear();
  else if (!name.startsWith(metadata)) directory?.children.delete(name.slice(whiteout.length));
}

function layOver(laying: Laying, entries: readonly Entry[]): void {
  // Most entries lie in the directory of the one before.
  let parentPath: string | undefined;
  let parent: Directory | undefined;
  for (const entry of entries) {
    const { above, name } = split(entry.path);
    if (name === "" || name.startsWith(whiteout)) continue;
    if (above !== parentPath) {
      parent = makeDirectory(laying, above);
      parentPath = above;
    }
    if (parent === undefined) {
      note(laying, `${shortened(entry.path)} lies behind too many links to be found.`);
      continue;
    }
    // What has taken the place of something may have changed where the same parent's path leads.
    if (put(laying, parent, name, entry)) parentPath = undefined;
  }
}

/** Whether it took the place of something else than a directory of the same name. */
function put(laying: Laying, parent: Directory, name: string, entry: Entry): boolean {
  const before = parent.children.get(name);
  if (entry.type === "directory" && before instanceof Directory) {
    before.entry = entry;
    before.layer = laying.layer;
    return false;
  }
  // The engines remove what is there first, also where the new one is a hard link to it.
  if (before !== undefined) parent.children.delete(name);
  const path = `${parent.path}/${name}`;
  const { layer } = laying;
  const node =
    entry.type === "directory"
      ? new Directory(entry, layer, path, parent)
      : { entry: linkedEntry(laying, entry), layer };
  parent.children.set(name, node);
  return before !== undefined;
}

/** A hard link is the file itself under another name (link(2) follows no symbolic link at the path's end). */
function linkedEntry(laying: Laying, entry: Entry): Entry {
  if (entry.type !== "link") return entry;
  const found = walk(laying, entry.target ?? "", false);
  if (found.outcome === "found" && !(found.node instanceof Directory)) return found.node.entry;
  const what = found.outcome === "found" ? "a directory" : "nothing that is there";
  note(
    laying,
    `${shortened(entry.path)} is a hard link to ${what}: ${shortened(entry.target ?? "")}.`,
  );
  return entry;
}

function note({ problems }: Laying, problem: string): void {
  if (problems.length < mostProblems) problems.push(problem);
}

/**
 * The directory of that path, made where it is not there. An archive goes through its own links; a link of a lower layer is
 * not there for it, and the directory that it makes in its place hides the link (seen with overlay2 and with containerd's
 * image store). `undefined` where links lead round in a circle.
 */
function makeDirectory(laying: Laying, path: string): Directory | undefined {
  const found = walk(laying, path, true, true);
  return found.outcome === "found" && found.node instanceof Directory ? found.node : undefined;
}

/** Where the path of an entry leads. An archive of links to links could make that take hours: then it leads nowhere. */
function walk(laying: Laying, path: string, followLast: boolean, makes = false): Lookup {
  if (laying.walked > mostWalked) return { outcome: "loop", path: `/${path}` };
  return resolve(laying.root, `/${path}`, { followLast }, { laying, makes });
}

/** Walks a path, component by component; where it `makes`, what is no directory on the way becomes one of that layer. */
function resolve(
  root: Directory,
  path: string,
  { from = "/", followLast = true }: LookupOptions,
  writing?: { readonly laying: Laying; readonly makes: boolean },
): Lookup {
  if (path === "") return { outcome: "missing", path: "" };
  const links: string[] = [];
  let directory = root;
  let rest = path.startsWith("/") ? path : `${from}/${path}`;
  let at = 0;
  for (;;) {
    while (rest.charCodeAt(at) === slash) at += 1;
    if (at === rest.length) {
      return { outcome: "found", path: directory.path || "/", node: directory, links };
    }
    const next = rest.indexOf("/", at);
    const end = next === -1 ? rest.length : next;
    const name = rest.slice(at, end);
    at = end;
    if (name === ".") continue;
    if (name === "..") {
      directory = directory.parent ?? root;
      continue;
    }
    const node = directory.children.get(name);
    if (node instanceof Directory) {
      directory = node;
      continue;
    }
    const here = `${directory.path}/${name}`;
    const isLast = end === rest.length;
    const isHidden = writing?.makes === true && (node?.layer ?? 0) < writing.laying.layer;
    if (node?.entry.type === "symlink" && !isHidden) {
      if (isLast && !followLast) return { outcome: "found", path: here, node, links };
      if (links.length === mostLinks) return { outcome: "loop", path: here };
      const target = node.entry.target ?? "";
      links.push(`${here} -> ${target}`);
      if (writing !== undefined) writing.laying.walked += target.length;
      if (target === "") return { outcome: "missing", path: here };
      if (target.startsWith("/")) directory = root;
      rest = target + rest.slice(end);
      at = 0;
    } else if (writing?.makes === true) {
      const made = new Directory(impliedEntry(here), writing.laying.layer, here, directory);
      directory.children.set(name, made);
      directory = made;
    } else if (node === undefined) {
      return { outcome: "missing", path: here };
    } else {
      return isLast
        ? { outcome: "found", path: here, node, links }
        : { outcome: "not-a-directory", path: here };
    }
  }
}

function* filesBelow(root: Directory): Generator<{ readonly path: string; readonly node: Node }> {
  const directories = [root];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const [name, node] of directory.children) {
      if (node instanceof Directory) directories.push(node);
      else if (node.entry.type === "file") yield { path: `${directory.path}/${name}`, node };
    }
  }
}

const slash = 0x2f;

function split(path: string): { readonly above: string; readonly name: string } {
  const last = path.lastIndexOf("/");
  return { above: path.slice(0, Math.max(0, last)), name: path.slice(last + 1) };
}

/** A directory that no archive lists; the engines make it so. */
function impliedEntry(path: string): Entry {
  return { path: path.slice(1), type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0 };
}
