/** A stretch of a text, counted as editors and SARIF do: lines and columns from 1, columns in UTF-16 code units, the end exclusive. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** Where in a script that is started there: `build.sh:12`. */
  readonly within?: string;
}

/** From the start of the one to the end of the other. */
export function spanning(first: Range, last: Range): Range {
  return { ...first, endLine: last.endLine, endColumn: last.endColumn };
}
