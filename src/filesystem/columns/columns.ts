/**
 * Entries as columns: numbers side by side, texts one after the other. A hundred thousand of them are a dozen arrays: they
 * are no burden to the garbage collector while layers are read, and go to the cache and come from it at once.
 */
import type { Content } from "../../binary/content.ts";
import type { Entry } from "../entry.ts";
import { release } from "../pages.ts";
import type { SliceWriter } from "../slices.ts";
import { type AttributeColumns, attributesWriter } from "./attributes.ts";
import { isLink } from "./entry-type.ts";
import { growingBytes, growingFloats, growingIntegers } from "./growing.ts";
import { writeName } from "./names.ts";
import { type PathColumns, pathsWriter } from "./paths.ts";

export interface Columns extends PathColumns, AttributeColumns {
  readonly sizes: Float64Array;
  /** The targets of links, a NUL behind each. */
  readonly targets: Buffer;
  /** The entry that each content is of. */
  readonly contentEntries: Int32Array;
  /** Which slice has the symbols of each content; −1 where it has none. */
  readonly contentSlices: Int32Array;
  /** Where each content ends in the text of all of them. */
  readonly contentEnds: Float64Array;
  /** The slices that this text begins with. */
  readonly contentBlocks: Int32Array;
  /** The rest of it. Each content is in JSON. */
  readonly contentText: Buffer;
}

export interface ColumnsWriter {
  /** Adds an entry, its content aside; returns its number. */
  add(entry: Entry): number;
  /** How many characters {@link ColumnsWriter.add} would write. */
  weight(entry: Entry): number;
  /** What an entry's bytes have told: its content as {@link contentText} makes it, the slice of its symbols. Once an entry. */
  tell(entry: number, content: string, slice: number | undefined): void;
  finish(): Columns;
}

/** So much text of contents is gathered before it becomes a slice. */
const blockBytes = 64 * 1024;

/** Texts of contents go to a shelf that has a file, so that they take no memory. */
export function columnsWriter(shelf: SliceWriter): ColumnsWriter {
  const [paths, attributes, sizes] = [pathsWriter(), attributesWriter(), growingFloats()];
  const [contentEntries, contentSlices] = [growingIntegers(), growingIntegers()];
  const [contentEnds, contentBlocks] = [growingFloats(), growingIntegers()];
  const [targets, texts] = [growingBytes(), growingBytes()];
  let entries = 0;
  let blocksEnd = 0;

  function addBlock(): void {
    const block = shelf.add([texts.finish()]);
    if (block === undefined) return;
    contentBlocks.push(block);
    blocksEnd += texts.length;
    texts.clear();
  }

  return {
    add(entry) {
      const { path, type, size, target = "" } = entry;
      paths.add(path);
      attributes.add(entry);
      sizes.push(size);
      if (isLink(type)) writeName(targets, target);
      return entries++;
    },
    weight: ({ path, target = "" }) => paths.weight(path) + target.length,
    tell(entry, content, slice = -1) {
      texts.write(content);
      contentEnds.push(blocksEnd + texts.length);
      contentEntries.push(entry);
      contentSlices.push(slice);
      if (texts.length >= blockBytes && shelf.hasFile()) addBlock();
    },
    finish: () => ({
      ...paths.finish(),
      ...attributes.finish(),
      sizes: sizes.finish(),
      targets: targets.finish(),
      contentEntries: contentEntries.finish(),
      contentSlices: contentSlices.finish(),
      contentEnds: contentEnds.finish(),
      contentBlocks: contentBlocks.finish(),
      contentText: texts.finish(),
    }),
  };
}

/** Bytes of text that they hold, or their slices. */
export function weightOf({ directories, names, targets, contentEnds }: Columns): number {
  return directories.length + names.length + targets.length + (contentEnds.at(-1) ?? 0);
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
