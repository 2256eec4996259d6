/** A blob's file on its way to whoever asked: read into memory that is used again, each piece sent before it is written over. */
import type { FileHandle } from "node:fs/promises";
import { type BlobIdentity, damagedBlob } from "../../store/blob.ts";
import { pieceBytes, type PieceStock } from "./pieces.ts";
import type { Range } from "./range.ts";

export interface PartOptions {
  readonly blob: BlobIdentity;
  /** Of the file, for its errors. */
  readonly path: string;
  readonly stock: PieceStock;
  /** Settles when the bytes are out of that memory; false where nobody takes more. */
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
  /** So many bytes were handed over, up to that place of it. */
  readonly onSent: (bytes: number, upTo: number) => void;
}

/** Ends early where nobody takes more. @throws STORE_BLOB_DAMAGED where bytes are not to be had */
export async function sendPart(
  file: FileHandle,
  range: Range,
  options: PartOptions,
): Promise<void> {
  const { stock, write, onSent } = options;
  let [one, other] = [stock.take(), stock.take()];
  let reading = readPiece(file, range, one, options);
  try {
    for (let place = range.start; place <= range.end;) {
      const bytes = await reading;
      place += bytes.length;
      [one, other] = [other, one];
      if (place <= range.end) {
        reading = readPiece(file, { start: place, end: range.end }, one, options);
        // It may fail before it is waited for.
        reading.catch(() => {});
      }
      if (!(await write(bytes))) return;
      onSent(bytes.length, place);
    }
  } finally {
    await Promise.allSettled([reading]);
    stock.giveBack(one, other);
  }
}

/** From the start of a range on as much as there is room for. */
async function readPiece(
  file: FileHandle,
  { start, end }: Range,
  into: Buffer,
  { blob: { digest, size }, path }: PartOptions,
): Promise<Buffer> {
  const length = Math.min(pieceBytes, end + 1 - start);
  const { bytesRead } = await file.read(into, 0, length, start).catch((error: unknown) => {
    throw damagedBlob(digest, path, error instanceof Error ? error.message : String(error));
  });
  if (bytesRead > 0) return into.subarray(0, bytesRead);
  throw damagedBlob(digest, path, `it ends after ${start} of ${size} bytes`);
}
