/** What the Go linker writes of a build (Go, `debug/buildinfo/buildinfo.go`, `cmd/link/internal/ld/data.go`). */
import type { GoBuild } from "./elf.ts";
import { placeOf, type Segment, segmentFlags, segmentTypes } from "./layout.ts";
import { type Section, sectionFlags } from "./sections.ts";
import type { ElfSource, ElfTable } from "./source.ts";

const magic = Buffer.from("\xff Go buildinf:", "latin1");
const magicBeginning = magic.readUInt32BE();
const alignment = 16;
const headerBytes = 32;

/** A flag of the header: the texts follow it, as they do since Go 1.18. */
const inlineFlag = 2;
const bigEndianFlag = 1;

/**
 * The linker of Go puts it at the beginning of the writable data; another linker, where C is linked in, behind other data and not
 * far from the end.
 */
export const goDataParts = { beginning: 64 * 1024, ending: 4 * 1024 * 1024 } as const;

/** The texts of a build with thousands of modules take some 100 kB. */
const mostTextBytes = 1024 * 1024;

/** Sixteen bytes before and after the list of modules, by which tools find it. */
const frameBytes = 16;

/** Those that decide where it runs: GOARCH, GOAMD64, GOOS … */
const settingName = /^(?:GO[A-Z0-9]+|CGO_ENABLED)$/;

/** Reads it; `isGo` says that another trace of Go was found, and a longer search pays. */
export function readGoBuild(
  source: ElfSource,
  segments: readonly Segment[],
  isGo: boolean,
  sections: () => readonly Section[],
): GoBuild | undefined {
  const at = findHeader(source, segments, isGo, sections);
  if (at === undefined) return undefined;
  const texts = readTexts(source, segments, at);
  if (texts === undefined || texts.version === "") return undefined;
  return { version: texts.version, settings: settingsOf(texts.modules) };
}

function findHeader(
  source: ElfSource,
  segments: readonly Segment[],
  isGo: boolean,
  sections: () => readonly Section[],
): number | undefined {
  const data = segments.filter(
    ({ type, flags, fileBytes }) =>
      type === segmentTypes.load && fileBytes > 0 && (flags & access) === segmentFlags.writable,
  );
  if (!isGo) return data.slice(0, 1).flatMap((one) => searchBeginning(source, one) ?? [])[0];
  for (const one of data) {
    const found = searchBeginning(source, one) ?? searchEnding(source, one);
    if (found !== undefined) return found;
  }
  return findBySection(source, sections());
}

const access = segmentFlags.writable | segmentFlags.executable;

function searchBeginning(source: ElfSource, segment: Segment): number | undefined {
  return searchPart(source, segment, 0, Math.min(segment.fileBytes, goDataParts.beginning));
}

function searchEnding(source: ElfSource, segment: Segment): number | undefined {
  const { fileBytes } = segment;
  return searchPart(source, segment, Math.max(fileBytes - goDataParts.ending, 0), fileBytes);
}

/** Where the magic number stands in the file, between two places of a segment. */
function searchPart(
  source: ElfSource,
  { offset, address }: Segment,
  start: number,
  end: number,
): number | undefined {
  const length = Math.min(end - start, source.size - offset - start);
  const table = length <= 0 ? undefined : source.peek(offset + start, length);
  const found = table && search(table, address + start);
  return found === undefined ? undefined : offset + start + found;
}

/** The magic number at an address of its alignment. */
function search({ bytes, view }: ElfTable, address: number): number | undefined {
  const first = (alignment - (address % alignment)) % alignment;
  for (let at = first; at + headerBytes <= bytes.byteLength; at += alignment) {
    if (view.getUint32(at) !== magicBeginning) continue;
    if (magic.equals(bytes.subarray(at, at + magic.byteLength))) return at;
  }
  return undefined;
}

/** Without the names of the sections: of those with writable data, the one that begins with the magic number. */
function findBySection(source: ElfSource, sections: readonly Section[]): number | undefined {
  const candidates = sections.filter(
    ({ type, flags, size, offset }) =>
      type === programData &&
      (flags & sectionFlags.write) !== 0 &&
      size >= headerBytes &&
      offset % alignment === 0,
  );
  return candidates.find(({ offset }) => {
    const head = source.table(offset, headerBytes);
    return head !== undefined && search(head, 0) === 0;
  })?.offset;
}

/** `SHT_PROGBITS`. */
const programData = 1;

interface Texts {
  readonly version: string;
  readonly modules: string;
}

function readTexts(source: ElfSource, segments: readonly Segment[], at: number): Texts | undefined {
  const header = source.table(at, headerBytes);
  if (header === undefined) return undefined;
  const [pointerBytes, flags = 0] = header.bytes.subarray(14, 16);
  if ((flags & inlineFlag) !== 0) return readInlineTexts(source, at + headerBytes);
  if (pointerBytes !== source.wordBytes) return undefined;
  const littleEndian = (flags & bigEndianFlag) === 0;
  if (littleEndian !== source.littleEndian) return undefined;
  const version = readPointedText(source, segments, source.word(header, 16));
  const modules = readPointedText(source, segments, source.word(header, 16 + pointerBytes));
  return version === undefined ? undefined : { version, modules: unframed(modules) };
}

/** Two texts, each after its length as a varint. */
function readInlineTexts(source: ElfSource, at: number): Texts | undefined {
  const version = readInlineText(source, at);
  if (version === undefined) return undefined;
  const modules = readInlineText(source, version.end);
  return { version: version.text, modules: unframed(modules?.text) };
}

function readInlineText(
  source: ElfSource,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  const head = source.upTo(at, 5);
  if (head === undefined) return undefined;
  let length = 0;
  let used = 0;
  for (const byte of head.bytes) {
    length += (byte & 0x7f) * 2 ** (7 * used);
    used += 1;
    if (byte < 0x80) break;
  }
  if (length > mostTextBytes) return undefined;
  const text = source.table(at + used, length);
  if (text === undefined) return undefined;
  return { text: Buffer.from(text.bytes).toString("latin1"), end: at + used + length };
}

/** A Go string: an address that holds the address and the length of its bytes. */
function readPointedText(
  source: ElfSource,
  segments: readonly Segment[],
  address: number,
): string | undefined {
  const place = placeOf(segments, address, source.size);
  const pair = place && source.table(place.offset, 2 * source.wordBytes);
  if (pair === undefined) return undefined;
  const length = source.word(pair, source.wordBytes);
  const content = placeOf(segments, source.word(pair, 0), source.size);
  if (content === undefined || length > mostTextBytes) return undefined;
  const text = source.table(content.offset, length);
  return text && Buffer.from(text.bytes).toString("latin1");
}

function unframed(modules = ""): string {
  const isFramed = modules.length > 2 * frameBytes && modules.at(-frameBytes - 1) === "\n";
  return isFramed ? modules.slice(frameBytes, -frameBytes) : "";
}

/** Lines such as `build<tab>GOARCH=amd64`. */
function settingsOf(modules: string): GoBuild["settings"] {
  const settings: Record<string, string> = {};
  for (const line of modules.split("\n")) {
    if (!line.startsWith("build\t")) continue;
    const [, name = "", value = ""] = /^build\t([^=]*)=(.*)$/.exec(line) ?? [];
    if (settingName.test(name)) settings[name] = value;
  }
  return settings;
}
