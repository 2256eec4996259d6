/** Entries as columns: numbers side by side as they are in memory, texts joined, so that a hundred thousand are read at once. */
import type { Content } from "../../binary/content.ts";
import type { Entry, EntryType } from "../entry.ts";
import type { SymbolsShelf } from "../symbols.ts";
import { type Text, textOf, writeText } from "./text.ts";

export interface Columns {
  /** How many entries. */
  readonly length: number;
  readonly sizes: Float64Array;
  readonly uids: Float64Array;
  readonly gids: Float64Array;
  /** Which of the contents is the entry's; −1 where it has none. */
  readonly contents: Int32Array;
  /** Which slice has its symbols; −1 where it has none. */
  readonly symbols: Int32Array;
  readonly modes: Uint16Array;
  /** A number of {@link types}, and {@link capable}. */
  readonly types: Uint8Array;
  /** Paths, all of them. */
  readonly paths: Text;
  /** Targets, of links alone. */
  readonly targets: Text;
  /** The contents, as one JSON array. */
  readonly contentText: Text;
}

const types: readonly EntryType[] = [
  "file",
  "directory",
  "symlink",
  "link",
  "device",
  "fifo",
  "other",
];
const capable = 0x80;

export function columnsOf(entries: readonly Entry[]): Columns {
  const { length } = entries;
  const sizes = new Float64Array(length);
  const uids = new Float64Array(length);
  const gids = new Float64Array(length);
  const contents = new Int32Array(length).fill(-1);
  const symbols = new Int32Array(length).fill(-1);
  const modes = new Uint16Array(length);
  const typeNumbers = new Uint8Array(length);
  const targets: string[] = [];
  const rows: unknown[] = [];
  for (const [n, entry] of entries.entries()) {
    sizes[n] = entry.size;
    uids[n] = entry.uid;
    gids[n] = entry.gid;
    modes[n] = entry.mode;
    typeNumbers[n] = types.indexOf(entry.type) | (entry.hasCapabilities === true ? capable : 0);
    if (isLink(entry.type)) targets.push(entry.target ?? "");
    if (entry.symbols !== undefined) symbols[n] = entry.symbols.slice;
    if (entry.content !== undefined) contents[n] = rows.push(contentRow(entry.content)) - 1;
  }
  return {
    length,
    sizes,
    uids,
    gids,
    contents,
    symbols,
    modes,
    types: typeNumbers,
    paths: writeText(entries.map(({ path }) => path).join("\0")),
    targets: writeText(targets.join("\0")),
    contentText: writeText(JSON.stringify(rows)),
  };
}

/** The entries again; `undefined` where the columns do not fit together. @throws SyntaxError where the contents are no JSON */
export function entriesOf(columns: Columns, shelf: SymbolsShelf): readonly Entry[] | undefined {
  const { length, sizes, uids, gids, contents, symbols, modes } = columns;
  const paths = length === 0 ? [] : textOf(columns.paths).split("\0");
  const targets = textOf(columns.targets).split("\0");
  const rows: unknown = JSON.parse(textOf(columns.contentText));
  if (paths.length !== length || !isContents(rows)) return undefined;
  let nextTarget = 0;
  const entries: Entry[] = [];
  for (let n = 0; n < length; n++) {
    const typeNumber = columns.types[n] ?? 0;
    const type = types[typeNumber & ~capable];
    if (type === undefined) return undefined;
    const target = isLink(type) ? targets[nextTarget++] : undefined;
    const content = rows[contents[n] ?? -1];
    const slice = symbols[n] ?? -1;
    const common = {
      path: paths[n] ?? "",
      type,
      mode: modes[n] ?? 0,
      uid: uids[n] ?? 0,
      gid: gids[n] ?? 0,
      size: sizes[n] ?? 0,
    };
    const isPlain = target === undefined && content === undefined && (typeNumber & capable) === 0;
    entries.push(
      isPlain
        ? common
        : {
            ...common,
            ...(target === undefined ? {} : { target }),
            ...(content === undefined ? {} : { content: contentOf(content) }),
            ...(slice === -1 ? {} : { symbols: { shelf, slice } }),
            ...((typeNumber & capable) === 0 ? {} : { hasCapabilities: true }),
          },
    );
  }
  return entries;
}

function isLink(type: EntryType): boolean {
  return type === "symlink" || type === "link";
}

/** A content in JSON: bytes as a text of Latin-1. */
type Row = Content & { readonly kind: string };

function contentRow(content: Content): unknown {
  return "head" in content
    ? { ...content, head: Buffer.from(content.head).toString("latin1") }
    : content;
}

function contentOf(row: Row): Content {
  if (row.kind !== "script" && row.kind !== "other") return row;
  return { ...row, head: Buffer.from(String(row.head), "latin1") };
}

/** The rows were written by {@link columnsOf} of this version, and are held against their checksum: no more is asked of them. */
function isContents(rows: unknown): rows is readonly Row[] {
  return Array.isArray(rows);
}
