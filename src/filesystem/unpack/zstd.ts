/** Where the frames of zstd data end, and what memory they ask for, without unpacking them (RFC 8878, 3.1). */

export interface ZstdFrames {
  /**
   * Cuts a chunk behind each frame that ends in it, since Node's decompressor takes another frame only with a write of its
   * own. What is no zstd is not cut: the decompressor says what is wrong with it.
   */
  cut(chunk: Buffer): readonly Buffer[];
  /** The largest window that a frame has asked for so far, in bytes. */
  window(): number;
}

/** What comes next: so many bytes, and what they are. */
type Part =
  | "magic"
  | "skipped-size"
  | "skipped"
  | "descriptor"
  | "header"
  | "block-header"
  | "block"
  | "checksum"
  | "unknown";

export function zstdFrames(): ZstdFrames {
  let part: Part = "magic";
  let left = 4;
  /** The part's bytes as one little-endian number; a frame header may have more than fit, and is kept whole. */
  let bytes: number[] = [];
  let descriptor = 0;
  let isLastBlock = false;
  let window = 0;

  function expect(next: Part, length: number): void {
    part = next;
    left = length;
    bytes = [];
  }

  /** Goes on behind a part that is complete; returns whether the frame is. */
  function complete(): boolean {
    switch (part) {
      case "magic":
        takeMagic(littleEndian(bytes));
        return false;
      case "skipped-size":
        expect("skipped", littleEndian(bytes));
        return left === 0 && complete();
      case "descriptor":
        descriptor = bytes[0] ?? 0;
        expect("header", headerBytes(descriptor));
        return left === 0 && complete();
      case "header":
        window = Math.max(window, windowOf(descriptor, bytes));
        expect("block-header", 3);
        return false;
      case "block-header":
        takeBlock(littleEndian(bytes));
        return left === 0 && complete();
      case "block":
        if (!isLastBlock) expect("block-header", 3);
        else if ((descriptor & 4) !== 0) expect("checksum", 4);
        else return endFrame();
        return false;
      case "skipped":
      case "checksum":
        return endFrame();
      case "unknown":
        return false;
    }
  }

  function endFrame(): true {
    expect("magic", 4);
    return true;
  }

  function takeMagic(magic: number): void {
    if (magic === 0xfd2fb528) expect("descriptor", 1);
    else if (magic >>> 4 === 0x184d2a5) expect("skipped-size", 4);
    else expect("unknown", Number.POSITIVE_INFINITY);
  }

  function takeBlock(header: number): void {
    isLastBlock = (header & 1) !== 0;
    const type = (header >>> 1) & 3;
    if (type === 3) expect("unknown", Number.POSITIVE_INFINITY);
    // A block of type 1 is one byte, repeated.
    else expect("block", type === 1 ? 1 : header >>> 3);
  }

  function cut(chunk: Buffer): readonly Buffer[] {
    const pieces: Buffer[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length;) {
      const length = Math.min(left, chunk.length - at);
      if (isKept(part)) for (let n = at; n < at + length; n++) bytes.push(chunk[n] ?? 0);
      at += length;
      left -= length;
      if (left === 0 && complete()) {
        pieces.push(chunk.subarray(start, at));
        start = at;
      }
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
    return pieces;
  }

  return { cut, window: () => window };
}

function isKept(part: Part): boolean {
  return part !== "block" && part !== "skipped" && part !== "checksum" && part !== "unknown";
}

/** How long the header is behind its descriptor: window, dictionary and content size, as far as they are there. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  return (isSingle ? 0 : 1) + dictionaryBytes(descriptor) + contentSizeBytes(descriptor);
}

function dictionaryBytes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3] ?? 0;
}

function contentSizeBytes(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  return [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
}

function windowOf(descriptor: number, header: readonly number[]): number {
  if ((descriptor & 0x20) === 0) {
    const [byte = 0] = header;
    const base = 2 ** (10 + (byte >>> 3));
    return base + (base / 8) * (byte & 7);
  }
  const length = contentSizeBytes(descriptor);
  return littleEndian(header.slice(dictionaryBytes(descriptor))) + (length === 2 ? 256 : 0);
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
