/**
 * Memory for the files that are kept while they stream by, used again and again: taken and given back each time, the C
 * library would keep twice as much of it for itself (glibc's mallopt(3), `M_MMAP_THRESHOLD`).
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

const leastBytes = 2 * 2 ** 20;

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
      const fitting = free.filter((room) => room.length >= bytes);
      const [smallest] = fitting.toSorted((one, other) => one.length - other.length);
      if (smallest !== undefined) {
        free = free.filter((room) => room !== smallest);
        return smallest;
      }
      // One that is too small makes room for one that is not.
      const tooSmall = free.pop();
      if (tooSmall !== undefined) release(tooSmall);
      let length = leastBytes;
      while (length < bytes) length *= 2;
      return Buffer.allocUnsafeSlow(length);
    },
    giveBack(room) {
      free.push(room);
    },
  };
}
