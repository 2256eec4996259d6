/** Whether the kernel tells the loader to trust little (`AT_SECURE`; execve(2), capabilities(7)). */
import type { Entry } from "../../filesystem/entry.ts";
import type { Container } from "../container.ts";

export function isSecureExecution({ user }: Container, entry: Entry): boolean {
  const { mode, uid, gid, hasCapabilities } = entry;
  const isSetUser = (mode & 0o4000) !== 0 && uid !== user.uid;
  // Without the group's execute bit it marks mandatory locking.
  const isSetGroup = (mode & 0o2010) === 0o2010 && gid !== user.groups[0];
  return isSetUser || isSetGroup || (hasCapabilities === true && user.uid !== 0);
}
