/** The user that an image names, and what it may do (runc, `libcontainer/user`; path_resolution(7)). */
import type { Entry } from "../filesystem/entry.ts";
import type { Tree } from "../filesystem/tree.ts";

export interface User {
  readonly uid: number;
  /** The primary group first. */
  readonly groups: readonly number[];
}

/** The user or group is not in the image; the sentence is runc's. */
export interface UserMissing {
  readonly outcome: "missing";
  readonly name: string;
  readonly sentence: string;
}

/** Reads `USER` as `name|uid[:group|gid]`; numbers need no entry in `/etc/passwd`. */
export function findUser(
  tree: Tree,
  text: string,
): { readonly outcome: "found"; readonly user: User } | UserMissing {
  const [name = "", group] = text.split(":");
  const users = rowsOf(tree, "/etc/passwd");
  const groups = rowsOf(tree, "/etc/group");
  const row = users.find(([own, , uid]) => own === name || (isNumber(name) && uid === name));
  if (row === undefined && name !== "" && !isNumber(name)) {
    const sentence = `unable to find user ${name}: no matching entries in passwd file`;
    return { outcome: "missing", name, sentence };
  }
  const uid = Number(row?.[2] ?? (name === "" ? 0 : name));
  if (group === undefined || group === "") {
    const primary = Number(row?.[3] ?? 0);
    const others = row === undefined ? [] : groups.filter((one) => hasMember(one, row[0] ?? ""));
    const all = [primary, ...others.map(([, , gid]) => Number(gid))];
    return { outcome: "found", user: { uid, groups: all } };
  }
  const found = groups.find(([own, , gid]) => own === group || (isNumber(group) && gid === group));
  if (found === undefined && !isNumber(group)) {
    const sentence = `unable to find group ${group}: no matching entries in group file`;
    return { outcome: "missing", name: group, sentence };
  }
  return { outcome: "found", user: { uid, groups: [Number(found?.[2] ?? group)] } };
}

function hasMember([, , , members = ""]: readonly string[], name: string): boolean {
  return members.split(",").includes(name);
}

function rowsOf(tree: Tree, file: string): readonly (readonly string[])[] {
  const found = tree.lookup(file);
  const content = found.outcome === "found" ? found.node.entry.content : undefined;
  if (content?.kind !== "text") return [];
  return content.text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

const bits = { read: 4, write: 2, execute: 1 } as const;

/** Whether the file's mode lets that user do it. Root may read all, and execute what anybody may. */
export function mayAccess(
  { uid, groups }: User,
  entry: Pick<Entry, "mode" | "uid" | "gid" | "type">,
  how: keyof typeof bits,
): boolean {
  const bit = bits[how];
  if (uid === 0) {
    return how !== "execute" || entry.type === "directory" || (entry.mode & 0o111) !== 0;
  }
  const shift = entry.uid === uid ? 6 : groups.includes(entry.gid) ? 3 : 0;
  return ((entry.mode >> shift) & bit) !== 0;
}

/**
 * Whether the runtime may execute it for that user: until the program runs, the process keeps the right to pass over modes
 * (`CAP_DAC_OVERRIDE` is in the engine's default set), so any execute bit will do (measured with runc 1.1).
 */
export function mayBeStarted(entry: Pick<Entry, "mode" | "type">): boolean {
  return entry.type === "file" && (entry.mode & 0o111) !== 0;
}

/** Whether the user may go through every directory that leads to that absolute path. */
export function mayReach(user: User, tree: Tree, path: string): boolean {
  if (user.uid === 0) return true;
  const parts = path.split("/").slice(1, -1);
  return parts.every((_, index) => {
    const found = tree.lookup(`/${parts.slice(0, index + 1).join("/")}`);
    return found.outcome !== "found" || mayAccess(user, found.node.entry, "execute");
  });
}
