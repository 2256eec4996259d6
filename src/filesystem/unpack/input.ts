/** The bytes of a source, chunk by chunk, of which some can be given back. */
import type { Readable } from "node:stream";

export interface Input {
  /** `undefined` at the end. @throws what the source throws, the signal's reason */
  next(): Promise<Buffer | undefined>;
  /** What comes next is that: the last of them first. */
  giveBack(...chunks: readonly (Buffer | undefined)[]): void;
  /** How many bytes the source has given. */
  taken(): number;
  /** The same input, in the pieces that a function cuts its chunks into. */
  cut(pieces: (chunk: Buffer) => Promise<readonly Buffer[]>): Input;
  /** Closes the source, wherever it is. */
  close(): void;
}

/** Less than this is gathered first: every write to a decompressor is a way through a thread and back. */
const leastBytes = 64 * 1024;

export function inputOf(source: Readable, signal: AbortSignal): Input {
  const chunks: AsyncIterator<unknown> = source[Symbol.asyncIterator]();
  let taken = 0;
  const abort = () => {
    source.destroy(
      signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)),
    );
  };
  // What it says after it was closed is of no use any more.
  source.on("error", () => {});
  signal.addEventListener("abort", abort, { once: true });
  async function read(): Promise<Buffer | undefined> {
    signal.throwIfAborted();
    const gathered: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < leastBytes) {
      const next = await chunks.next();
      if (next.done === true) break;
      if (!(next.value instanceof Uint8Array)) continue;
      gathered.push(next.value);
      bytes += next.value.length;
    }
    taken += bytes;
    const [first] = gathered;
    if (first === undefined) return undefined;
    return gathered.length > 1
      ? Buffer.concat(gathered)
      : Buffer.from(first.buffer, first.byteOffset, first.length);
  }
  function close(): void {
    signal.removeEventListener("abort", abort);
    source.destroy();
  }
  return input(read, { taken: () => taken, close });
}

function input(
  read: () => Promise<Buffer | undefined>,
  source: Pick<Input, "taken" | "close">,
): Input {
  const back: Buffer[] = [];
  const own: Input = {
    ...source,
    async next() {
      return back.pop() ?? (await read());
    },
    giveBack(...given) {
      back.push(
        ...given.filter((chunk): chunk is Buffer => chunk !== undefined && chunk.length > 0),
      );
    },
    cut(pieces) {
      let rest: readonly Buffer[] = [];
      return input(async () => {
        while (rest.length === 0) {
          const chunk = await own.next();
          if (chunk === undefined) return undefined;
          rest = await pieces(chunk);
        }
        const [first, ...others] = rest;
        rest = others;
        return first;
      }, source);
    },
  };
  return own;
}
