/**
 * Memory for the files that are kept while they stream by. Small rooms are used again and again, since most of the time that a new
 * one takes is the system's; what is larger goes back at once.
 */
import { pages, release } from "./pages.ts";

export interface Rooms {
  /** Begins to use rooms; `leave` ends it. Whoever is the last to leave takes them all along. */
  enter(): void;
  leave(): void;
  /** A room of at least so many bytes; `undefined` while another one is in use that is as large: of such there is one at a time. */
  take(bytes: number): Buffer<ArrayBuffer> | undefined;
  giveBack(room: Buffer<ArrayBuffer>): void;
  /** Waits until there may be room, and no longer than a second: whoever has it may be waiting for us. */
  vacant(): Promise<void>;
}

const smallBytes = 2 * 2 ** 20;
/** From here on one at a time. */
const lonelyBytes = 8 * 2 ** 20;
const patienceMs = 1000;

interface Lonely {
  readonly room: Buffer<ArrayBuffer>;
  readonly left: PromiseWithResolvers<void>;
}

export function rooms(): Rooms {
  let free: Buffer<ArrayBuffer>[] = [];
  let users = 0;
  let lonely: Lonely | undefined;
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
      if (bytes <= smallBytes) return free.pop() ?? pages(smallBytes);
      if (bytes > lonelyBytes && lonely !== undefined) return undefined;
      const room = pages(bytes);
      if (bytes > lonelyBytes) lonely = { room, left: Promise.withResolvers() };
      return room;
    },
    giveBack(room) {
      if (room === lonely?.room) {
        lonely.left.resolve();
        lonely = undefined;
      }
      if (room.length > smallBytes) release(room);
      else free.push(room);
    },
    async vacant() {
      if (lonely === undefined) return;
      const { left } = lonely;
      const timer = setTimeout(() => {
        if (lonely?.left === left) lonely = undefined;
        left.resolve();
      }, patienceMs);
      await left.promise;
      clearTimeout(timer);
    },
  };
}
