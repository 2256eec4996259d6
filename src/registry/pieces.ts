/** A blob's bytes, piece after piece: one reading serves them all, as long as each piece begins where the one before it ended. */
import type { Readable } from "node:stream";

interface PiecesOptions {
  /** Bytes of the whole. */
  readonly size: number;
  /** Called again where a piece begins elsewhere. */
  readonly open: () => Promise<Readable>;
  /** So many bytes more were handed over, and that is the place where they end. */
  readonly onSent?: ((bytes: number, upTo: number) => void) | undefined;
}

export interface Pieces {
  /** The bytes from there on. Asked for again, or out of order, what is before them is read once more and passed over. */
  piece(from: number, length: number): AsyncGenerator<Uint8Array>;
  /** What the reading of the blob failed with, which whoever sends it calls by another name. */
  failure(): Error | undefined;
  close(): void;
}

interface Reading {
  readonly source: Promise<Readable>;
  iterator: AsyncIterator<Uint8Array> | undefined;
  /** How far it has been handed over. */
  place: number;
  /** What of the last chunk belongs to the next piece. */
  rest: Uint8Array | undefined;
  /** Somebody takes from it now, or has been given up while taking. */
  isBusy: boolean;
}

export function piecesOf({ size, open, onSent }: PiecesOptions): Pieces {
  let reading: Reading | undefined;
  let failure: Error | undefined;
  const drop = () => {
    const dropped = reading;
    reading = undefined;
    void dropped?.source.then(
      (source) => source.destroy(),
      () => {},
    );
  };
  const readingAt = (place: number): Reading => {
    if (reading?.isBusy === false && reading.place === place) return reading;
    drop();
    reading = { source: open(), iterator: undefined, place: 0, rest: undefined, isBusy: false };
    return reading;
  };
  const next = async (own: Reading): Promise<Uint8Array | undefined> => {
    const { rest } = own;
    own.rest = undefined;
    if (rest !== undefined) return rest;
    try {
      own.iterator ??= chunksOf(await own.source);
      const step: IteratorResult<Uint8Array, unknown> = await own.iterator.next();
      return step.done === true ? undefined : step.value;
    } catch (error) {
      // One that was dropped fails because of that.
      if (reading === own) failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  };
  return {
    async *piece(from, length) {
      const own = readingAt(from);
      const end = from + length;
      own.isBusy = true;
      try {
        while (own.place < end) {
          const chunk = await next(own);
          if (chunk === undefined) return;
          const bytes = chunk.subarray(Math.max(0, from - own.place), end - own.place);
          if (own.place + chunk.byteLength > end) own.rest = chunk.subarray(end - own.place);
          own.place = Math.min(end, own.place + chunk.byteLength);
          if (bytes.byteLength === 0) continue;
          onSent?.(bytes.byteLength, own.place);
          yield bytes;
        }
        // Only at its end a source says whether all was right.
        if (end === size) await next(own);
      } finally {
        own.isBusy = false;
      }
    },
    failure: () => failure,
    close: drop,
  };
}

function chunksOf(source: Readable): AsyncIterator<Uint8Array> {
  return (source as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
}
