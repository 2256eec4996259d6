/** Whether symbols, their names and their hash table are where the dynamic section says: each has a beginning that is known. */
import { type DynamicSection, dynamicTags, tableOf } from "./dynamic-section.ts";
import type { ElfHeader } from "./header.ts";
import { isHashed } from "./hash-tables.ts";
import type { ElfSource } from "./source.ts";
import { symbolEntry } from "./symbol-tables.ts";

export function symbolContradiction(
  source: ElfSource,
  section: DynamicSection,
  { bits }: ElfHeader,
): string | undefined {
  const { strings } = section;
  const symbols = tableOf(section, dynamicTags.symbols, source);
  if (strings === undefined || symbols === undefined) return undefined;
  // The first name is none, and the last one ends (System V gABI, chapter 4, "String Table").
  if (strings.bytes[0] !== 0 || strings.bytes.at(-1) !== 0)
    return "its string table begins or ends within a name";
  const { bytes } = symbolEntry[bits];
  // Symbol 0 is none (`STN_UNDEF`).
  const first = source.table(symbols.offset, bytes);
  if (first?.bytes.some((byte) => byte !== 0) === true)
    return "its symbols do not begin with the one that is none";
  const nameOf = (symbol: number) => {
    const entry = source.table(symbols.offset + symbol * bytes, bytes);
    return entry && nameAt(strings.bytes, entry.view.getUint32(0, source.littleEndian));
  };
  return isHashed(source, section, nameOf) || source.isTooMuch
    ? undefined
    : "its hash table is not one of its symbols";
}

function nameAt(strings: Uint8Array, place: number): Uint8Array | undefined {
  const end = strings.indexOf(0, place);
  return place < strings.byteLength && end >= 0 ? strings.subarray(place, end) : undefined;
}
