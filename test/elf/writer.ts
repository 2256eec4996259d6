/** Writes numbers as one class and byte order of ELF does. */

export interface ElfFormat {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
}

export class ElfWriter {
  readonly #format: ElfFormat;
  readonly #parts: Buffer[] = [];
  #length = 0;

  constructor(format: ElfFormat) {
    this.#format = format;
  }

  get length(): number {
    return this.#length;
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.byteLength;
    return this;
  }

  byte(...values: readonly number[]): this {
    return this.bytes(Uint8Array.from(values));
  }

  half(...values: readonly number[]): this {
    for (const value of values) this.#number(value, 2);
    return this;
  }

  int(...values: readonly number[]): this {
    for (const value of values) this.#number(value, 4);
    return this;
  }

  /** An address, offset or size. */
  word(...values: readonly number[]): this {
    for (const value of values) this.#number(value, this.#format.bits / 8);
    return this;
  }

  align(step: number): this {
    return this.bytes(new Uint8Array((step - (this.#length % step)) % step));
  }

  /** Everything that was written. */
  done(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #number(value: number, width: number): void {
    const bytes = Buffer.alloc(width);
    for (let left = value, index = 0; index < width; index += 1) {
      bytes[this.#format.littleEndian ? index : width - 1 - index] = left % 256;
      left = Math.floor(left / 256);
    }
    this.bytes(bytes);
  }
}

/** A string table in the making: names that are there already are not written again. */
export class NameTable {
  readonly #places = new Map<string, number>([["", 0]]);
  #bytes = Buffer.alloc(1);

  place(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.#bytes.byteLength;
    this.#places.set(name, place);
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(`${name}\0`)]);
    return place;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }
}
