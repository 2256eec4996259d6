/** `.ARM.attributes`: the processor that an arm object is compiled for (Addenda to, and Errata in, the ABI for the Arm Architecture, "Build attributes"). */
import type { ArmAttributes } from "./elf.ts";
import type { Section } from "./sections.ts";
import type { ElfSource, ElfTable } from "./source.ts";

/** `SHT_ARM_ATTRIBUTES`. */
const sectionType = 0x70000003;
const mostBytes = 65536;

const tags = {
  file: 1,
  architecture: 6,
  profile: 7,
  vectorArguments: 28,
  compatibility: 32,
} as const;

/** Tags below 32 whose value is a text; above, every odd one's is. */
const textTags = new Set([4, 5]);

export function readArmAttributes(
  source: ElfSource,
  sections: readonly Section[],
): ArmAttributes | undefined {
  const section = sections.find(({ type }) => type === sectionType);
  if (section === undefined) return undefined;
  const table = source.table(section.offset, Math.min(section.size, mostBytes));
  if (table === undefined || table.bytes[0] !== 0x41) return undefined;
  for (const { start, end } of parts(source, table, 1, table.bytes.byteLength)) {
    const nameEnd = table.bytes.indexOf(0, start);
    if (nameEnd < 0 || nameEnd >= end) continue;
    const vendor = Buffer.from(table.bytes.subarray(start, nameEnd)).toString("latin1");
    if (vendor === "aeabi") return readVendor(source, table, nameEnd + 1, end);
  }
  return undefined;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** Parts that begin with their own length in bytes. */
function* parts(
  source: ElfSource,
  { view }: ElfTable,
  start: number,
  end: number,
): Generator<Part> {
  for (let at = start; at + 4 <= end;) {
    const length = view.getUint32(at, source.littleEndian);
    if (length < 5 || at + length > end) return;
    yield { start: at + 4, end: at + length };
    at += length;
  }
}

/** The vendor's attributes of the whole file; those of single sections and symbols are left. */
function readVendor(
  source: ElfSource,
  table: ElfTable,
  start: number,
  end: number,
): ArmAttributes | undefined {
  for (let at = start; at + 5 <= end;) {
    const tag = table.bytes[at] ?? 0;
    const length = table.view.getUint32(at + 1, source.littleEndian);
    if (length < 5 || at + length > end) return undefined;
    if (tag === tags.file) return readAttributes(table.bytes.subarray(at + 5, at + length));
    at += length;
  }
  return undefined;
}

function readAttributes(bytes: Uint8Array): ArmAttributes {
  const numbers = new Map<number, number>();
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; at < bytes.byteLength; shift += 7) {
      const byte = bytes[at] ?? 0;
      at += 1;
      if (shift < 28) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  const skipText = () => {
    const end = bytes.indexOf(0, at);
    at = end < 0 ? bytes.byteLength : end + 1;
  };
  while (at < bytes.byteLength) {
    const tag = number();
    if (tag === tags.compatibility) {
      number();
      skipText();
    } else if (textTags.has(tag) || (tag > tags.compatibility && tag % 2 === 1)) skipText();
    else numbers.set(tag, number());
  }
  const architecture = numbers.get(tags.architecture);
  const profile = numbers.get(tags.profile) ?? 0;
  const vectorArguments = numbers.get(tags.vectorArguments);
  return {
    ...(architecture === undefined ? {} : { architecture }),
    ...(profile === 0 ? {} : { profile: String.fromCharCode(profile) }),
    ...(vectorArguments === undefined ? {} : { hardFloat: vectorArguments === 1 }),
  };
}
