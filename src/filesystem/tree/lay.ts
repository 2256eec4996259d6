/** Lays one layer after the other into the tree, as the engines unpack them. */
import type { EntryList } from "../columns/list.ts";
import { shortened } from "../entry.ts";
import { type Child, Directory } from "./directory.ts";
import type { Nodes } from "./nodes.ts";
import { type Resolution, resolve, type Walk } from "./resolve.ts";

const whiteout = ".wh.";
const opaque = ".wh..wh..opq";
/** Names of AUFS itself; the engines pass over them. */
const metadata = ".wh..wh.";
const mostProblems = 20;
/** Characters of links that are followed; 400,000 files behind `/bin` are 3 million. */
const mostFollowed = 2 ** 24;
/** Directories, those too that no archive lists: one path may name two thousand. */
const mostDirectories = 120_000;

export interface Laying {
  /** Lays the entries of the next layer over what is there. */
  lay(list: EntryList): void;
  readonly problems: readonly string[];
}

export function layInto(root: Directory, nodes: Nodes): Laying {
  const problems: string[] = [];
  let layer = -1;
  /** What the layer's own whiteouts name. */
  const taken = new Set<string>();
  let followed = 0;
  let directories = 0;

  function note(problem: string): void {
    if (problems.length < mostProblems && !problems.includes(problem)) problems.push(problem);
  }

  function unplaced(path: string): void {
    note(
      directories === mostDirectories
        ? `There are more than ${mostDirectories} directories: not all of them were looked at.`
        : `${shortened(path)} lies in a directory that cannot be made.`,
    );
  }

  /** Where the path of an entry leads. An archive of links to links could make that take hours: then it leads nowhere. */
  function walk(path: string, options: Walk = {}): Resolution {
    return resolve(root, nodes, `/${path}`, {
      ...options,
      follows(target) {
        followed += target.length;
        return followed < mostFollowed;
      },
    });
  }

  function isOfLowerLayer(number: number): boolean {
    return number < nodes.first(layer);
  }

  /**
   * The directory of that path, made where it is not there. An archive goes through its own links; a link of a lower layer
   * is not there for it, and the directory that it makes hides the link (seen with overlay2 and containerd's image store).
   */
  function directoryAt(path: string): Directory | undefined {
    const found = walk(path, { make: newDirectory, hides: isOfLowerLayer });
    return found.outcome === "found" && found.name === undefined ? found.directory : undefined;
  }

  function newDirectory(parent: Directory, name: string, entry?: number): Directory | undefined {
    if (directories === mostDirectories) return undefined;
    directories += 1;
    const made = new Directory(name, parent, layer, entry);
    parent.set(name, made);
    return made;
  }

  function lay(list: EntryList): void {
    layer += 1;
    taken.clear();
    // What a layer takes away is of the layers below it, wherever in the archive that stands.
    for (let n = 0; n < list.length; n++) {
      const name = list.paths.last(n);
      if (name.startsWith(whiteout)) takeAway(list.paths.above(n), name);
    }
    // Most entries lie in the directory of the one before.
    let parent: Directory | undefined;
    let isKnown = false;
    for (let n = 0; n < list.length; n++) {
      if (!list.paths.isBeside(n)) isKnown = false;
      const name = list.paths.last(n);
      if (name === "" || name.startsWith(whiteout)) continue;
      if (!isKnown) {
        parent = directoryAt(list.paths.above(n));
        isKnown = true;
      }
      if (parent === undefined) unplaced(list.paths.at(n));
      // What has taken the place of something may have changed where the same parent's path leads.
      else if (put(list, n, parent, name)) isKnown = false;
    }
  }

  function takeAway(above: string, name: string): void {
    const directory = directoryAt(above);
    if (name === opaque) directory?.clear();
    else if (!name.startsWith(metadata)) {
      directory?.delete(name.slice(whiteout.length));
      taken.add(`${above}/${name.slice(whiteout.length)}`);
    }
  }

  /** Whether it took the place of something else than a directory of the same name. */
  function put(list: EntryList, n: number, parent: Directory, name: string): boolean {
    const number = nodes.first(layer) + n;
    const before = parent.get(name);
    const isDirectory = list.type(n) === "directory";
    if (isDirectory && before instanceof Directory) {
      before.entry = number;
      return false;
    }
    doubt(list, n, before);
    // The engines remove what is there first, also where the new one is a hard link to it.
    if (before !== undefined) parent.delete(name);
    if (isDirectory) {
      if (newDirectory(parent, name, number) === undefined) unplaced(list.paths.at(n));
    } else {
      if (list.type(n) === "link") linkTo(number, list.paths.at(n), list.target(n));
      parent.set(name, number);
    }
    return before !== undefined;
  }

  /** What some engines refuse to unpack. */
  function doubt(list: EntryList, n: number, before: Child | undefined): void {
    const isOwn = typeof before === "number" && !isOfLowerLayer(before);
    if (isOwn)
      note(`${shortened(list.paths.at(n))} stands twice in its layer, which some engines refuse.`);
    if (taken.size > 0 && taken.has(`${list.paths.above(n)}/${list.paths.last(n)}`))
      note(
        `${shortened(list.paths.at(n))} and its own whiteout stand in one layer, which engines refuse.`,
      );
  }

  /** A hard link is the file itself under another name (link(2) follows no symbolic link at the path's end). */
  function linkTo(number: number, path: string, target: string): void {
    const found = walk(target, { followLast: false });
    if (found.outcome === "found" && found.name !== undefined) {
      if (isOfLowerLayer(found.number))
        note(`${shortened(path)} is a hard link to a file of a lower layer, which engines refuse.`);
      return nodes.link(number, found.number);
    }
    const what = found.outcome === "found" ? "a directory" : "nothing that is there";
    note(`${shortened(path)} is a hard link to ${what}: ${shortened(target)}.`);
  }

  return { lay, problems };
}
