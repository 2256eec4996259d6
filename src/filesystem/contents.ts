/** How the content of a file is told, and how its symbols are kept: the readers of `binary/`, as a layer uses them. */
import type { FileBytes } from "../binary/bytes.ts";
import {
  type ContentReading,
  type FileName,
  headBytes,
  type WantedBytes,
} from "../binary/content.ts";
import type { ElfSymbols } from "../binary/elf/symbols.ts";
import { isElf, readElfHeader } from "../binary/elf/header.ts";
import { isScript, scriptLineBytes } from "../binary/script.ts";

export interface ContentReader {
  /** How many of a file's first bytes `wantedBytes` wants to see. */
  readonly headBytes: number;
  wantedBytes(file: FileName, head: Uint8Array): WantedBytes;
  readContent(file: FileName, bytes: FileBytes): ContentReading;
  encodeSymbols(symbols: ElfSymbols): Uint8Array;
  /** `undefined` where the bytes are no symbols. */
  decodeSymbols(bytes: Uint8Array): ElfSymbols | undefined;
}

export const contentReader: ContentReader = {
  headBytes,
  wantedBytes: ({ mode }, head) =>
    isElf(head) || (mode & 0o111) !== 0 ? { kind: "head" } : { kind: "nothing" },
  readContent(file, bytes) {
    const head = bytes.read({ offset: 0, length: Math.min(headBytes, file.size) });
    if (head === undefined) return { outcome: "read" };
    if (isElf(head)) {
      const header = readElfHeader(head);
      return {
        outcome: "read",
        content:
          header === undefined
            ? { kind: "damaged-elf", problem: "its header is damaged" }
            : {
                kind: "elf",
                elf: { ...header, type: "executable", flags: 0, osAbi: 0, abiVersion: 0 },
              },
      };
    }
    return {
      outcome: "read",
      content: isScript(head)
        ? { kind: "script", head: head.subarray(0, scriptLineBytes) }
        : { kind: "other", head: head.subarray(0, 4) },
    };
  },
  encodeSymbols: () => new Uint8Array(),
  decodeSymbols: () => undefined,
};
