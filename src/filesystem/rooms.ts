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
  /** Says that the room is still being filled: whoever waits for one goes on waiting. */
  fill(room: Buffer<ArrayBuffer>): void;
  giveBack(room: Buffer<ArrayBuffer>): void;
  /** Waits until there may be room, but for no one who has not filled his for a second: he may be waiting for us. */
  vacant(): Promise<void>;
}

const smallBytes = 2 * 2 ** 20;
/** From here on one at a time. */
const lonelyBytes = 8 * 2 ** 20;
const patienceMs = 1000;

interface Lonely {
  readonly room: Buffer<ArrayBuffer>;
  /** When it was filled last, in milliseconds. */
  filled: number;
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
      if (bytes > lonelyBytes)
        lonely = { room, filled: performance.now(), left: Promise.withResolvers() };
      return room;
    },
    fill(room) {
      if (room === lonely?.room) lonely.filled = performance.now();
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
      const other = lonely;
      if (other === undefined) return;
      const timer = setInterval(() => {
        if (performance.now() - other.filled < patienceMs) return;
        if (lonely === other) lonely = undefined;
        other.left.resolve();
      }, patienceMs / 4);
      await other.left.promise;
      clearInterval(timer);
    },
  };
}
