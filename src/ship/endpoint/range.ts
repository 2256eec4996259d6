/** The part of a blob that a request wants (RFC 9110, 14.1.2 and 14.2). */

/** Places of bytes, both counted from 0 and both within. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the header `Range` for something of that many bytes: the whole (`undefined`) where there is none or it is not understood,
 * as a server may answer any, and where there is no byte of which a part could be given; `unsatisfiable` where no byte of it is
 * there (416).
 */
export function readRange(
  header: string | undefined,
  size: number,
): Range | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? "") ?? [];
  if (size === 0 || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  // An end before its start makes the header meaningless.
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}
