/**
 * Entries as columns: numbers side by side, texts one after the other. A hundred thousand of them are a dozen arrays: they
 * are no burden to the garbage collector while layers are read, and go to the cache and come from it at once.
 */
import type { Content } from "../../binary/content.ts";
import type { Entry } from "../entry.ts";
import { release } from "../pages.ts";
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
  /** Where each content ends in `contentText`. */
  readonly contentEnds: Float64Array;
  /** The contents in JSON. */
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

export function columnsWriter(): ColumnsWriter {
  const [paths, attributes, sizes] = [pathsWriter(), attributesWriter(), growingFloats()];
  const [contentEntries, contentSlices] = [growingIntegers(), growingIntegers()];
  const [targets, texts, contentEnds] = [growingBytes(), growingBytes(), growingFloats()];
  let entries = 0;
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
      contentEnds.push(texts.length);
      contentEntries.push(entry);
      contentSlices.push(slice);
    },
    finish: () => ({
      ...paths.finish(),
      ...attributes.finish(),
      sizes: sizes.finish(),
      targets: targets.finish(),
      contentEntries: contentEntries.finish(),
      contentSlices: contentSlices.finish(),
      contentEnds: contentEnds.finish(),
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
