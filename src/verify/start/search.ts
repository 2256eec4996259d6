/**
 * How the container runtime finds the program that it is to start: runc's `exec.LookPath` as the container's user
 * (runc, `libcontainer/standard_init_linux.go`; Go, `os/exec/lp_unix.go`).
 */
import type { Node } from "../../filesystem/tree.ts";
import { absolutePath, type Container } from "../container.ts";
import { mayAccess, mayBeStarted, mayReach } from "../user.ts";

export interface Located {
  /** Absolute, no link in it. */
  readonly path: string;
  readonly node: Node;
}

export type Search =
  /** `name` is the path that is handed to execve(2), and that its errors name. */
  | { readonly outcome: "found"; readonly name: string; readonly located: Located }
  /** The sentence is the runtime's. */
  | { readonly outcome: "missing" | "denied"; readonly sentence: string };

/** Looks a program up by path, or by name in the directories of PATH. */
export function searchProgram(container: Container, name: string): Search {
  if (name.includes("/")) return searchPath(container, name);
  const path = container.environment.get("PATH") ?? "";
  for (const directory of path === "" ? [] : path.split(":")) {
    const full = `${directory === "" ? "." : directory.replace(/\/+$/, "")}/${name}`;
    const found = lookAt(container, full);
    if (typeof found === "string") continue;
    if (!full.startsWith("/")) {
      const sentence = `exec: "${name}": cannot run executable found relative to current directory`;
      return { outcome: "missing", sentence };
    }
    return { outcome: "found", name: full, located: found };
  }
  return { outcome: "missing", sentence: `exec: "${name}": executable file not found in $PATH` };
}

function searchPath(container: Container, name: string): Search {
  const found = lookAt(container, name);
  if (typeof found !== "string") return { outcome: "found", name, located: found };
  const outcome = found.endsWith("permission denied") ? "denied" : "missing";
  return { outcome, sentence: `exec: "${name}": ${found}` };
}

/** The file, or the rest of the sentence. */
function lookAt(container: Container, name: string): Located | string {
  const { tree, user, isDropped } = container;
  const absolute = absolutePath(container, name);
  const found = tree.lookup(absolute);
  switch (found.outcome) {
    case "missing":
      return `stat ${name}: no such file or directory`;
    case "not-a-directory":
      return `stat ${name}: not a directory`;
    case "loop":
      return `stat ${name}: too many levels of symbolic links`;
    case "found":
      break;
  }
  if (isDropped && !(mayReach(user, tree, absolute) && mayReach(user, tree, found.path)))
    return `stat ${name}: permission denied`;
  const { entry } = found.node;
  if (entry.type === "directory") return "is a directory";
  const isAllowed = isDropped ? mayAccess(user, entry, "execute") : mayBeStarted(entry);
  return isAllowed ? found : "permission denied";
}
