/** How the content of a file is told, and its symbols: the readers of `binary/`, as a layer uses them. */
import type { FileBytes } from "../binary/bytes.ts";
import {
  type ContentReading,
  type FileName,
  headBytes,
  readContent,
  type WantedBytes,
  wantedBytes,
} from "../binary/content.ts";
import { decodeSymbolTables } from "../binary/elf/symbol-codec.ts";
import { symbolsOf } from "../binary/elf/symbol-entries.ts";
import type { ElfSymbols } from "../binary/elf/symbols.ts";

export interface ContentReader {
  /** How many of a file's first bytes `wantedBytes` wants to see. */
  readonly headBytes: number;
  wantedBytes(file: FileName, head: Uint8Array): WantedBytes;
  readContent(file: FileName, bytes: FileBytes): ContentReading;
  /** The symbols that `readContent` found tables of; `undefined` where not all of them can be read. @throws RangeError where the bytes are none */
  decodeSymbols(bytes: Uint8Array): ElfSymbols | undefined;
}

export const contentReader: ContentReader = {
  headBytes,
  wantedBytes,
  readContent,
  decodeSymbols: (bytes) => symbolsOf(decodeSymbolTables(bytes)),
};
