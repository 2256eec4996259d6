/**
 * Entries as columns: numbers side by side, texts one after the other. A hundred thousand of them are a dozen arrays: they
 * are no burden to the garbage collector while layers are read, and go to the cache and come from it at once.
 */
import type { Content } from "../../binary/content.ts";
import type { Entry, EntryType } from "../entry.ts";
import { release } from "../pages.ts";
import { growing, growingBytes } from "./growing.ts";
import { writeName } from "./names.ts";

export interface Columns {
  readonly sizes: Float64Array;
  readonly uids: Float64Array;
  readonly gids: Float64Array;
  /** Which of the contents is the entry's; −1 where it has none. */
  readonly contents: Int32Array;
  /** Which slice has its symbols; −1 where it has none. */
  readonly symbols: Int32Array;
  readonly modes: Int32Array;
  /** A number of {@link entryTypes}, and {@link capable}. */
  readonly types: Int32Array;
  /** Where each content ends in `contentText`. */
  readonly contentEnds: Float64Array;
  /** The paths, a NUL behind each. */
  readonly paths: Buffer;
  /** The targets of links, a NUL behind each. */
  readonly targets: Buffer;
  /** The contents in JSON. */
  readonly contentText: Buffer;
}

export const entryTypes: readonly EntryType[] = [
  "file",
  "directory",
  "symlink",
  "link",
  "device",
  "fifo",
  "other",
];

/** Set in a type's number: the file has capabilities. */
export const capable = 0x80;

export function isLink(type: EntryType): boolean {
  return type === "symlink" || type === "link";
}

export interface ColumnsWriter {
  /** Adds an entry, its content aside; returns its number. */
  add(entry: Entry): number;
  /** What an entry's bytes have told: its content as {@link contentText} makes it, the slice of its symbols. */
  tell(entry: number, content: string, slice: number | undefined): void;
  finish(): Columns;
}

const floats = () =>
  growing(
    (buffer) => new Float64Array(buffer),
    (array, length) => array.subarray(0, length),
  );
const integers = () =>
  growing(
    (buffer) => new Int32Array(buffer),
    (array, length) => array.subarray(0, length),
  );

export function columnsWriter(): ColumnsWriter {
  const [sizes, uids, gids, contentEnds] = [floats(), floats(), floats(), floats()];
  const [contents, symbols] = [integers(), integers()];
  const [modes, types] = [integers(), integers()];
  const [paths, targets, texts] = [growingBytes(), growingBytes(), growingBytes()];
  let entries = 0;
  let told = 0;
  return {
    add({ path, type, mode, uid, gid, size, target = "", hasCapabilities = false }) {
      sizes.push(size);
      uids.push(uid);
      gids.push(gid);
      contents.push(-1);
      symbols.push(-1);
      modes.push(mode);
      types.push(entryTypes.indexOf(type) | (hasCapabilities ? capable : 0));
      writeName(paths, path);
      if (isLink(type)) writeName(targets, target);
      return entries++;
    },
    tell(entry, content, slice) {
      texts.write(content);
      contentEnds.push(texts.length);
      contents.set(entry, told++);
      if (slice !== undefined) symbols.set(entry, slice);
    },
    finish: () => ({
      sizes: sizes.finish(),
      uids: uids.finish(),
      gids: gids.finish(),
      contents: contents.finish(),
      symbols: symbols.finish(),
      modes: modes.finish(),
      types: types.finish(),
      contentEnds: contentEnds.finish(),
      paths: paths.finish(),
      targets: targets.finish(),
      contentText: texts.finish(),
    }),
  };
}

/** Gives back their memory: nobody may read them any more. */
export function releaseColumns(columns: Columns): void {
  for (const column of Object.values<ArrayBufferView>({ ...columns })) release(column);
}

/** A content in JSON, its bytes as a text of Latin-1. */
export function contentText(content: Content): string {
  return JSON.stringify(
    "head" in content
      ? { ...content, head: Buffer.from(content.head).toString("latin1") }
      : content,
  );
}
