/**
 * Memory for the files that are kept while they stream by. Small rooms are used again and again: taken and given back each time, the
 * C library would keep twice as much of it for itself. What is larger than it ever keeps goes back to the system at once, and of
 * that only what was written to is there at all (glibc's mallopt(3), `M_MMAP_THRESHOLD`: 32 MiB at most).
 */
import { release } from "./release.ts";

export interface Rooms {
  /** Begins to use rooms; `leave` ends it. Whoever is the last to leave takes them all along. */
  enter(): void;
  leave(): void;
  /** A room of at least so many bytes. */
  take(bytes: number): Buffer<ArrayBuffer>;
  giveBack(room: Buffer<ArrayBuffer>): void;
}

const smallBytes = 2 * 2 ** 20;
const largeBytes = 33 * 2 ** 20;

export function rooms(): Rooms {
  let free: Buffer<ArrayBuffer>[] = [];
  let users = 0;
  return {
    enter() {
      users += 1;
    },
    leave() {
      users -= 1;
      if (users > 0) return;
      for (const room of free) release(room);
      free = [];
    },
    take(bytes) {
      if (bytes > smallBytes) return Buffer.allocUnsafeSlow(Math.max(bytes, largeBytes));
      return free.pop() ?? Buffer.allocUnsafeSlow(smallBytes);
    },
    giveBack(room) {
      if (room.length > smallBytes) release(room);
      else free.push(room);
    },
  };
}
