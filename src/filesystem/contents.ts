/** How the content of a file is told, and how its symbols are kept: the readers of `binary/`, as a layer uses them. */
import type { FileBytes } from "../binary/bytes.ts";
import {
  type ContentReading,
  type FileName,
  headBytes,
  readContent,
  type WantedBytes,
  wantedBytes,
} from "../binary/content.ts";
import { decodeSymbols, encodeSymbols } from "../binary/elf/symbol-codec.ts";
import type { ElfSymbols } from "../binary/elf/symbols.ts";

export interface ContentReader {
  /** How many of a file's first bytes `wantedBytes` wants to see. */
  readonly headBytes: number;
  wantedBytes(file: FileName, head: Uint8Array): WantedBytes;
  readContent(file: FileName, bytes: FileBytes): ContentReading;
  encodeSymbols(symbols: ElfSymbols): Uint8Array;
  /** @throws RangeError where the bytes are no symbols */
  decodeSymbols(bytes: Uint8Array): ElfSymbols;
}

export const contentReader: ContentReader = {
  headBytes,
  wantedBytes,
  readContent,
  encodeSymbols,
  decodeSymbols,
};
