/** Reads the tables of one ELF file within its bounds, and remembers which of them were not kept. */
import { type ByteRange, type FileBytes, viewOf } from "../bytes.ts";
import type { ElfHeader } from "./header.ts";

/** How many bytes one file may ask for at a time after it has streamed by; what needs more stays unread. */
const mostAsked = 32 * 1024 * 1024;

/** Bytes of a file with its own idea of a number. */
export interface ElfTable {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const nothing = new Uint8Array();

export class ElfSource {
  readonly size: number;
  readonly wordBytes: 4 | 8;
  readonly littleEndian: boolean;
  /** What was asked for and not kept. */
  readonly missing: ByteRange[] = [];
  /** Whether more was wanted than may be asked for. */
  isTooMuch = false;
  readonly #file: FileBytes;
  #missingBytes = 0;
  /** The longest range that was asked for at each place: several readers want the same tables. */
  readonly #asked = new Map<number, number>();

  constructor(file: FileBytes, { bits, littleEndian }: Pick<ElfHeader, "bits" | "littleEndian">) {
    this.#file = file;
    this.size = file.size;
    this.wordBytes = bits === 64 ? 8 : 4;
    this.littleEndian = littleEndian;
  }

  /** A range of the file; `undefined` where it has none such, or where it was not kept: then it stands in {@link missing}. */
  table(offset: number, length: number): ElfTable | undefined {
    if (!this.#has(offset, length)) return undefined;
    const kept = this.peek(offset, length);
    if (kept !== undefined) return kept;
    if ((this.#asked.get(offset) ?? 0) >= length) return undefined;
    if (this.#missingBytes + length > mostAsked) this.isTooMuch = true;
    else {
      this.#asked.set(offset, length);
      this.#missingBytes += length;
      this.missing.push({ offset, length });
    }
    return undefined;
  }

  /** The same, for what may as well be unknown: nothing is asked for. */
  peek(offset: number, length: number): ElfTable | undefined {
    if (!this.#has(offset, length)) return undefined;
    const bytes = length === 0 ? nothing : this.#file.read({ offset, length });
    if (bytes === undefined) return undefined;
    return { bytes, view: viewOf(bytes) };
  }

  /** A range of the file, as much of it as there is. */
  upTo(offset: number, length: number): ElfTable | undefined {
    return this.table(offset, Math.min(length, this.size - offset));
  }

  /** An address, offset or size. One beyond 2^53 loses its last bits, and lies in no file anyway. */
  word({ view }: ElfTable, at: number): number {
    if (this.wordBytes === 4) return view.getUint32(at, this.littleEndian);
    const [low, high] = this.littleEndian ? [at, at + 4] : [at + 4, at];
    return (
      view.getUint32(high, this.littleEndian) * 2 ** 32 + view.getUint32(low, this.littleEndian)
    );
  }

  #has(offset: number, length: number): boolean {
    return offset >= 0 && length >= 0 && offset + length <= this.size;
  }
}
