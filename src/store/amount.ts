/** How many things, and how much room they take. */
import { formatSize } from "../oci/size.ts";

export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

export const nothing: Amount = { count: 0, bytes: 0 };

export function totalOf(files: readonly { readonly bytes: number }[]): Amount {
  return { count: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** `1 blob`, `2 blobs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `2 blobs (12.3 kB)`. */
export function sized({ count, bytes }: Amount, noun: string): string {
  return `${counted(count, noun)} (${formatSize(bytes)})`;
}
