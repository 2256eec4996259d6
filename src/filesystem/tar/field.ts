/** The fields of a tar header: texts and numbers (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar, "Basic Tar Format"). */

/** What is wrong with an archive, as one part of a sentence. */
export class TarError extends Error {
  override readonly name = "TarError";
}

/**
 * A name's bytes up to the first NUL. What is not UTF-8 is kept apart: each wrong byte becomes a lone surrogate
 * (U+DC80 + byte − 0x80, as Python's surrogateescape has it), so that two different names stay two.
 */
export function readText(bytes: Buffer, start: number, end: number): string {
  let stop = start;
  let all = 0;
  for (; stop < end; stop++) {
    const byte = bytes[stop] ?? 0;
    if (byte === 0) break;
    all |= byte;
  }
  if (all < 0x80) return bytes.toString("latin1", start, stop);
  const text = bytes.toString("utf8", start, stop);
  return text.includes("\uFFFD") ? escaped(bytes.subarray(start, stop)) : text;
}

function escaped(bytes: Uint8Array): string {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.byteLength;) {
    const length = sequenceLength(bytes[at] ?? 0);
    let decoded: string | undefined;
    try {
      decoded = strict.decode(bytes.subarray(at, at + length));
    } catch {
      // Then its first byte stands alone.
    }
    text += decoded ?? String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += decoded === undefined ? 1 : length;
  }
  return text;
}

/** How many bytes a character takes that begins with that byte (RFC 3629). */
function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

/**
 * A number: octal digits between spaces and NULs, or GNU's base 256 (two's complement, the first bit set).
 * @throws TarError where it is neither, or 2^53 and more
 */
export function readNumber(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] ?? 0;
  return (first & 0x80) === 0 ? readOctal(bytes, start, end) : readBinary(bytes, start, end);
}

/** As {@link readNumber}, octal only: the checksum. Go's reader trims both ends, and stops at the first NUL behind. */
export function readOctal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let stop = end;
  while (at < stop && isPadding(bytes[at])) at += 1;
  while (stop > at && isPadding(bytes[stop - 1])) stop -= 1;
  let value = 0;
  for (; at < stop; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit === -0x30) break;
    if (digit < 0 || digit > 7) throw new TarError("a number in a header is not octal");
    value = value * 8 + digit;
  }
  return safe(value);
}

function readBinary(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] ?? 0;
  const isNegative = (first & 0x40) !== 0;
  const invert = isNegative ? 0xff : 0;
  let value = (first ^ invert) & 0x7f;
  for (let at = start + 1; at < end; at++) {
    value = safe(value * 256 + ((bytes[at] ?? 0) ^ invert));
  }
  return isNegative ? -value - 1 : value;
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new TarError("a number in a header is too large");
  return value;
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}
