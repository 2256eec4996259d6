/** One connection to the endpoint: its requests are answered one after the other, in the order in which they came. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { mostWaiting } from "./limits.ts";

export class Connection {
  /** Whether it has ever asked for what only the engine knows of. */
  isKnown = false;
  readonly #socket: Socket;
  #waiting = 0;
  #answers: Promise<void> = Promise.resolve();
  #isClosed = false;
  #isRefused = false;
  /** Ends the one wait that there is. */
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Whoever asked went away, which is no failure of ours.
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#isClosed = true;
      this.#wake?.();
    });
  }

  /** Has a request answered when those before it are. `work` must not reject; nothing is done where nobody would read it. */
  answer(response: ServerResponse, work: () => Promise<void>): void {
    this.#then(async () => {
      await work();
      // What comes next must not overtake what is still on its way.
      await this.#until((done) => response.closed || void response.once("close", done));
    });
  }

  /** Says why nothing more will be answered, when those before are, and ends within so many milliseconds. */
  refuse(words: string, withinMs: number): void {
    // What is sent all the same is not even read.
    if (this.#isRefused) return this.end();
    this.#isRefused = true;
    this.#then(async () => {
      this.#socket.setTimeout(withinMs, () => this.end());
      // Ended at once, the words might be lost: a system forgets them where there is something that was not read.
      this.#socket.end(words);
    });
  }

  /**
   * Sends bytes of an answer, and waits until the system has them: their memory is free then.
   * @returns whether anybody is still there
   */
  async write(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
    await this.#until((done) => void response.write(bytes, done));
    return !this.#isClosed && !response.destroyed;
  }

  /** At once, whatever is on its way. */
  end(): void {
    this.#socket.destroy();
  }

  /** Waits until no answer is under way. */
  async settled(): Promise<void> {
    await this.#answers;
  }

  #then(work: () => Promise<void>): void {
    this.#waiting += 1;
    if (this.#waiting > mostWaiting) {
      this.end();
      return;
    }
    this.#answers = this.#after(this.#answers, work);
  }

  async #after(others: Promise<void>, work: () => Promise<void>): Promise<void> {
    await others;
    if (this.#socket.writable) await work();
    this.#waiting -= 1;
  }

  /** Until something is done, or nobody is there any more. `begin` returns true where it is done already. */
  async #until(begin: (done: () => void) => boolean | void): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (begin(resolve) === true) resolve();
    });
    this.#wake = undefined;
  }
}
