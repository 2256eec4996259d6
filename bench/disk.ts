/**
 * A disk for a server's engine that has never had a file, as a server's is on the first day. On one where an image was just removed all is
 * slower for some minutes: ext4 passes over inodes that were freed a short time ago, one by one (fs/ext4/ialloc.c, recently_deleted).
 */
import { mkdir, rm } from "node:fs/promises";
import type { Site } from "../provision/site.ts";

export interface Disk {
  /** Puts a new one in its place. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Bytes that it has; what nobody writes takes no room. */
const bytes = 16_000_000_000;
/** Its tables are written now, not while something is measured. */
const initialized = "lazy_itable_init=0,lazy_journal_init=0";

/** A file system in a file, mounted there. @throws where the machine has no loop devices */
export async function openDisk(site: Site, file: string, place: string): Promise<Disk> {
  const open = async () => {
    await mkdir(place, { recursive: true });
    await site.run(["truncate", "--size", String(bytes), file]);
    await site.run(["mkfs.ext4", "-q", "-E", initialized, file]);
    // Else each byte would be kept in memory twice.
    const direct = ["losetup", "--find", "--show", "--direct-io=on", file] as const;
    const device = (await site.run(direct)).stdout.trim();
    try {
      await site.run(["mount", device, place]);
    } finally {
      // It goes when nothing is mounted from it any more.
      await site.run(["losetup", "--detach", device]);
    }
  };
  const close = async () => {
    // An engine that was stopped has unmounted what was below its directory.
    await site.attempt(["umount", "--lazy", place]);
    await rm(file, { force: true });
  };
  await open();
  return {
    close,
    async renew() {
      await close();
      await open();
    },
  };
}
