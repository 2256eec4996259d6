/** A layer's entries, told one at a time: what lies in columns is made into objects only where somebody asks for it. */
import type { Content } from "../../binary/content.ts";
import type { Entry, EntryType } from "../entry.ts";
import type { SliceShelf } from "../slices.ts";
import type { Columns } from "./columns.ts";
import { capable, isLink, typeOfNumber } from "./entry-type.ts";
import { namesOf } from "./names.ts";
import { type Paths, pathsOf } from "./paths.ts";

export interface EntryList {
  readonly length: number;
  /** Where the entry lies: its path above the last slash, and its name behind it. */
  readonly paths: Paths;
  type(n: number): EntryType;
  /** Where a link leads; empty for what is none. */
  target(n: number): string;
  /** The entry, made anew unless it was asked for just now. */
  entry(n: number): Entry;
}

/** How many entries are remembered, each at the place of its number: reading a content takes longer than a look at it. */
const places = 64;

/** @throws RangeError where the columns do not fit together, or a slice of theirs cannot be read */
export function columnList(columns: Columns, shelf: SliceShelf): EntryList {
  const { sizes, attributes, modes, types, uids, gids, contentSlices } = columns;
  const { length } = sizes;
  const paths = pathsOf(columns);
  if (paths.length !== length) throw new RangeError("There is another number of paths.");
  const contents = contentNumbers(columns);
  const contentText = contentTextOf(columns, shelf);
  const typeNumber = (n: number) => types[attributes[n] ?? 0] ?? 0;
  const type = (n: number): EntryType => typeOfNumber(typeNumber(n));
  const targets = targetsOf(columns, type);
  const recent: { readonly n: number; readonly entry: Entry }[] = [];

  function make(n: number): Entry {
    const own = type(n);
    const row = attributes[n] ?? 0;
    const content = contents[n] ?? -1;
    const slice = contentSlices[content] ?? -1;
    return {
      path: paths.at(n),
      type: own,
      mode: modes[row] ?? 0,
      uid: uids[row] ?? 0,
      gid: gids[row] ?? 0,
      size: sizes[n] ?? 0,
      ...(isLink(own) ? { target: targets(n) } : {}),
      ...(content === -1 ? {} : { content: readContent(content, columns, contentText) }),
      ...(slice === -1 ? {} : { symbols: { shelf, slice } }),
      ...((typeNumber(n) & capable) === 0 ? {} : { hasCapabilities: true }),
    };
  }

  return {
    length,
    paths,
    type,
    target: (n) => (isLink(type(n)) ? targets(n) : ""),
    entry(n) {
      if ((contents[n] ?? -1) === -1) return make(n);
      const before = recent[n % places];
      if (before?.n === n) return before.entry;
      const entry = make(n);
      recent[n % places] = { n, entry };
      return entry;
    },
  };
}

/** Which of the contents is an entry's; −1 where it has none. */
function contentNumbers({ sizes, contentEntries }: Columns): Int32Array {
  const numbers = new Int32Array(sizes.length).fill(-1);
  for (const [content, entry] of contentEntries.entries()) numbers[entry] = content;
  return numbers;
}

/** The targets by the number of their link. */
function targetsOf(
  { sizes, targets }: Columns,
  type: (entry: number) => EntryType,
): (entry: number) => string {
  const names = namesOf(targets);
  const linkNumbers = new Int32Array(sizes.length);
  let links = 0;
  for (let n = 0; n < linkNumbers.length; n++) {
    linkNumbers[n] = links;
    if (isLink(type(n))) links += 1;
  }
  if (links !== names.length) throw new RangeError("There is another number of targets.");
  return (entry) => names.at(linkNumbers[entry] ?? 0);
}

/** The text of all contents. */
function contentTextOf({ contentBlocks, contentText }: Columns, shelf: SliceShelf): Buffer {
  if (contentBlocks.length === 0) return contentText;
  const blocks = Array.from(contentBlocks, (slice) => {
    const block = shelf.read(slice);
    if (block === undefined) throw new RangeError("A block of contents cannot be read.");
    return block;
  });
  return Buffer.concat([...blocks, contentText]);
}

function readContent(content: number, { contentEnds }: Columns, text: Buffer): Content {
  const start = content === 0 ? 0 : contentEnds[content - 1];
  const row: unknown = JSON.parse(text.toString("utf8", start, contentEnds[content]));
  if (!isContent(row)) throw new RangeError("A content is of no kind.");
  if (row.kind !== "script" && row.kind !== "other") return row;
  return { ...row, head: Buffer.from(String(row.head), "latin1") };
}

/** The rows are our own, of this version, and have been held against a checksum where they come from a file. */
function isContent(row: unknown): row is Content {
  return typeof row === "object" && row !== null && "kind" in row;
}
