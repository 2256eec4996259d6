/** Walks a path as the kernel does, inside the root of the tree (path_resolution(7); Linux `fs/namei.c`). */
import { Directory } from "./directory.ts";
import type { Nodes } from "./nodes.ts";

export type Resolution =
  | {
      readonly outcome: "found";
      readonly directory: Directory;
      readonly name?: undefined;
      readonly links: readonly string[];
    }
  /** Something else than a directory: `name` in `directory`. */
  | {
      readonly outcome: "found";
      readonly directory: Directory;
      readonly name: string;
      readonly number: number;
      readonly links: readonly string[];
    }
  | { readonly outcome: "missing" | "loop" | "not-a-directory"; readonly path: string };

export interface Walk {
  readonly from?: string;
  readonly followLast?: boolean;
  /** Makes a directory of what is none on the way; `undefined` where there may be no more of them. */
  readonly make?: (parent: Directory, name: string) => Directory | undefined;
  /** Whether a link is not there for who makes: a directory takes its place. */
  readonly hides?: (link: number) => boolean;
  /** Hears of every link that is followed; returns whether more may be. */
  readonly follows?: (target: string) => boolean;
}

/** The kernel's `MAXSYMLINKS` (`include/linux/namei.h`). */
const mostLinks = 40;
const slash = 0x2f;

export function resolve(root: Directory, nodes: Nodes, path: string, walk: Walk = {}): Resolution {
  const { from = "/", followLast = true, make, hides, follows } = walk;
  if (path === "") return { outcome: "missing", path: "" };
  const links: string[] = [];
  let directory = root;
  let rest = path.startsWith("/") ? path : `${from}/${path}`;
  let at = 0;
  for (;;) {
    while (rest.charCodeAt(at) === slash) at += 1;
    if (at === rest.length) return { outcome: "found", directory, links };
    const next = rest.indexOf("/", at);
    const end = next === -1 ? rest.length : next;
    const name = rest.slice(at, end);
    at = end;
    if (name === ".") continue;
    if (name === "..") {
      directory = directory.parent ?? root;
      continue;
    }
    const child = directory.get(name);
    if (child instanceof Directory) {
      directory = child;
      continue;
    }
    const isLast = end === rest.length;
    const isLink = child !== undefined && nodes.type(child) === "symlink";
    if (isLink && hides?.(child) !== true) {
      if (isLast && !followLast) return { outcome: "found", directory, name, number: child, links };
      const here = `${directory.path()}/${name}`;
      const target = nodes.target(child);
      if (links.length === mostLinks || follows?.(target) === false)
        return { outcome: "loop", path: here };
      links.push(`${here} -> ${target}`);
      if (target === "") return { outcome: "missing", path: here };
      if (target.startsWith("/")) directory = root;
      rest = target + rest.slice(end);
      at = 0;
      continue;
    }
    const made = make?.(directory, name);
    if (made !== undefined) directory = made;
    else if (child !== undefined && isLast)
      return { outcome: "found", directory, name, number: child, links };
    else {
      const outcome = child === undefined ? "missing" : "not-a-directory";
      return { outcome, path: `${directory.path()}/${name}` };
    }
  }
}
