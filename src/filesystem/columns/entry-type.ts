/** The types of entries as numbers. */
import type { EntryType } from "../entry.ts";

const entryTypes: readonly EntryType[] = [
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

export function numberOfType(type: EntryType): number {
  return entryTypes.indexOf(type);
}

export function typeOfNumber(number: number): EntryType {
  return entryTypes[number & ~capable] ?? "other";
}

export function isLink(type: EntryType): boolean {
  return type === "symlink" || type === "link";
}
