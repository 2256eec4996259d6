/** Texts in a file of facts: UTF-8, or as they are in memory where they hold bytes that are no UTF-8 (lone surrogates). */

export interface Text {
  readonly encoding: "utf8" | "utf16le";
  readonly bytes: Uint8Array;
}

export function writeText(text: string): Text {
  const encoding = text.isWellFormed() ? "utf8" : "utf16le";
  return { encoding, bytes: Buffer.from(text, encoding) };
}

export function textOf({ encoding, bytes }: Text): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}
