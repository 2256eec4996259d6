/**
 * Whose bytes go first. An engine asks for several layers at once and unpacks them in their order, so that a wire that is shared evenly
 * brings all of them late, and all are unpacked at the end. Here the lowest goes first, and the engine unpacks it while the next comes.
 */

/** One layer that is being sent. */
export interface Turn {
  /** Waits until a piece of it may go. */
  ready(): Promise<void>;
  /** Around the sending of a piece: `work` ends when the wire has taken it. */
  send<T>(work: () => Promise<T>): Promise<T>;
  /** It is over, come to its end or not. */
  leave(): void;
}

/** How long a piece may be on its way before others may go in its place, in milliseconds: then the engine does not read it. */
const patienceMs = 2_000;
/** Nobody waits longer than that, in milliseconds: who asked for a layer takes a connection that stands still for dead. */
const longestMs = 60_000;

/** Milliseconds of a round trip that one stream fills: OpenSSH lets 2 MB of each be under way, so that is 50 MB/s. */
const filledMs = 40;
/** Engines ask for three to five layers at once. */
const widest = 4;

interface Sender {
  readonly rank: number;
  /** Since when its piece is on its way; `undefined` between two pieces. */
  since: number | undefined;
}

export class Turns {
  readonly #senders = new Set<Sender>();
  readonly #waiting = new Set<() => void>();
  #width = 1;

  /** A wire is filled by the more streams the longer it is. */
  fitTo(roundTripMs: number): void {
    this.#width = Math.min(widest, Math.max(1, Math.round(roundTripMs / filledMs)));
  }

  /** `rank`: what is lower goes first. */
  enter(rank: number): Turn {
    const sender: Sender = { rank, since: undefined };
    this.#senders.add(sender);
    return {
      ready: async () => {
        const end = performance.now() + longestMs;
        for (;;) {
          const pause = Math.min(this.#pauseOf(sender), end - performance.now());
          if (pause <= 0) return;
          await this.#changeWithin(pause);
        }
      },
      send: async (work) => {
        sender.since = performance.now();
        try {
          return await work();
        } finally {
          sender.since = undefined;
        }
      },
      leave: () => {
        this.#senders.delete(sender);
        for (const wake of this.#waiting) wake();
      },
    };
  }

  /** How long it has to wait at least, in milliseconds, before it may be its turn: until enough of those before it stand still. */
  #pauseOf({ rank }: Sender): number {
    const now = performance.now();
    const pauses = [...this.#senders]
      .filter((other) => other.rank < rank)
      .map(({ since }) => patienceMs - (since === undefined ? 0 : now - since))
      .toSorted((one, other) => other - one);
    // As many as fit may go on, those that stand still not counted.
    return Math.max(0, pauses[this.#width - 1] ?? 0);
  }

  async #changeWithin(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.ceil(milliseconds));
      this.#waiting.add(wake);
    });
  }
}
