/** Whether symbols, their names and their hash table are where the dynamic section says: each has a beginning that is known. */
import { type DynamicSection, dynamicTags, tableOf } from "./dynamic-section.ts";
import { firstHashed, gnuHash } from "./hash-tables.ts";
import { type ElfLayout, type Place, runsWhereExecutable } from "./layout.ts";
import type { ElfSource, ElfTable } from "./source.ts";
import { symbolEntry } from "./symbol-tables.ts";

/** `STT_FUNC`. */
const functionType = 2;

export function symbolContradiction(
  source: ElfSource,
  section: DynamicSection,
  layout: ElfLayout,
): string | undefined {
  const { strings } = section;
  const symbols = tableOf(section, dynamicTags.symbols, source);
  if (strings === undefined || symbols === undefined) return undefined;
  // The first name is none, and the last one ends (System V gABI, chapter 4, "String Table").
  if (strings.bytes[0] !== 0 || strings.bytes.at(-1) !== 0)
    return "its string table begins or ends within a name";
  const none = source.table(symbols.offset, symbolEntry[layout.bits].bytes);
  if (none !== undefined && !isNone(none, source, strings.bytes))
    return "its symbols do not begin with the one that is none";
  const contradiction = firstContradiction(source, section, symbols, strings.bytes, layout);
  // Where too much was asked for, some of it was not read.
  return source.isTooMuch ? undefined : contradiction;
}

/** Symbol 0 (`STN_UNDEF`): zeros, but that LIEF, which writes Node's single executables, gives it the place of an empty name. */
function isNone({ bytes, view }: ElfTable, { littleEndian }: ElfSource, strings: Uint8Array) {
  return (
    bytes.subarray(4).every((byte) => byte === 0) && strings[view.getUint32(0, littleEndian)] === 0
  );
}

/** The first symbol that others find: its name has the first hash, and where it is a function there is code. */
function firstContradiction(
  source: ElfSource,
  section: DynamicSection,
  symbols: Place,
  strings: Uint8Array,
  layout: ElfLayout,
): string | undefined {
  const first = firstHashed(source, section);
  if (first === "none") return undefined;
  const odd = "its hash table is not one of its symbols";
  if (first === "odd") return odd;
  const field = symbolEntry[layout.bits];
  const entry = source.table(symbols.offset + first.symbol * field.bytes, field.bytes);
  const name = entry && nameAt(strings, entry.view.getUint32(0, source.littleEndian));
  if (entry === undefined || name === undefined || gnuHash(name) !== first.hash) return odd;
  const isFunction = (entry.view.getUint8(field.info) & 0xf) === functionType;
  const isDefined = entry.view.getUint16(field.place, source.littleEndian) !== 0;
  const address = source.word(entry, field.value);
  return isFunction && isDefined && !runsWhereExecutable(layout, address)
    ? "its first function is not in an executable segment"
    : undefined;
}

function nameAt(strings: Uint8Array, place: number): Uint8Array | undefined {
  const end = strings.indexOf(0, place);
  return place < strings.byteLength && end >= 0 ? strings.subarray(place, end) : undefined;
}
