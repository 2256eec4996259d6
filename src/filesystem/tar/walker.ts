/**
 * Walks a tar archive as its bytes come: chunks in, files out. It keeps no byte of a file, and of an archive no more than
 * a header. Its judge is Go's `archive/tar`, with which every engine unpacks:
 *
 * - An archive ends with two blocks of zeros, or where its bytes end between two files, after one block of zeros, or in
 *   the padding of a file. What follows the two blocks is passed over.
 * - A global extended header (type `g`) changes nothing of the files behind it.
 * - Names and extended headers of more than 1 MiB are refused.
 */
import { readText, TarError } from "./field.ts";
import { blockBytes, type HeaderFields, readHeader, readSparse, type TarHeader } from "./header.ts";
import { applyPax, applySparse, type PaxRecords, readPax } from "./pax.ts";

export interface TarListener {
  /** A path of the archive. The bytes of a file are told where this returns true. */
  entry(header: TarHeader): boolean;
  /** The next bytes of that file, there only as long as the chunk that is being pushed. */
  data(bytes: Buffer): void;
  /** That file has been told whole. */
  end(): void;
}

export interface TarWalker {
  /** @throws TarError, and what the listener throws */
  push(chunk: Buffer): void;
  /**
   * Passes over the rest of a file that is not wanted, with its padding, or over all behind the archive's end: the next chunk begins
   * so many bytes later.
   */
  skip(): number;
  /** The archive's bytes have come to their end. @throws TarError where it ends within a header or a file */
  end(): void;
}

/** What Go reads of a long name or an extended header (`maxSpecialFileSize`). */
const mostMetaBytes = 1024 * 1024;

/** Types that no bytes follow, whatever their size field says: links, devices, directories, FIFOs. */
const withoutBytes = new Set(["1", "2", "3", "4", "5", "6"]);

/** What the walker is in the midst of. */
type Place = "header" | "file" | "skipped" | "meta" | "sparse-map" | "end";

export function tarWalker(listener: TarListener): TarWalker {
  let place: Place = "header";
  /** Bytes of the body that are still to come, and of the padding behind it. */
  let left = 0;
  let padding = 0;
  /** A block that began in one chunk and ends in another. */
  const block = Buffer.alloc(blockBytes);
  let blockFilled = 0;
  let zeroBlocks = 0;
  /** The long name or extended header that is being gathered. */
  let metaType = "";
  let meta: Buffer[] = [];
  /** What has been said of the next file. */
  let pax: PaxRecords | undefined;
  let longName = "";
  let longLink = "";
  /** The old sparse format has blocks of its map between a header and its file. */
  let sparse: { readonly header: HeaderFields; readonly size: number } | undefined;
  let mapBytes = 0;

  function push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (place === "end") return;
      if (left > 0) at = passBody(chunk, at);
      else if (padding > 0) {
        const passed = Math.min(padding, chunk.length - at);
        padding -= passed;
        at += passed;
      } else at = passBlock(chunk, at);
    }
  }

  /** Goes on in a file, or in what is gathered; returns where it came to. */
  function passBody(chunk: Buffer, at: number): number {
    const length = Math.min(left, chunk.length - at);
    const stop = at + length;
    left -= length;
    if (place === "file") listener.data(chunk.subarray(at, stop));
    else if (place === "meta") meta.push(Buffer.from(chunk.subarray(at, stop)));
    if (left === 0) endBody();
    return stop;
  }

  function endBody(): void {
    const ended = place;
    place = "header";
    if (ended === "file") listener.end();
    else if (ended === "meta") {
      readMeta(Buffer.concat(meta));
      meta = [];
    }
  }

  function passBlock(chunk: Buffer, at: number): number {
    if (blockFilled === 0 && at + blockBytes <= chunk.length) {
      takeBlock(chunk, at);
      return at + blockBytes;
    }
    const length = Math.min(blockBytes - blockFilled, chunk.length - at);
    chunk.copy(block, blockFilled, at, at + length);
    blockFilled += length;
    if (blockFilled === blockBytes) {
      blockFilled = 0;
      takeBlock(block, 0);
    }
    return at + length;
  }

  function takeBlock(bytes: Buffer, at: number): void {
    if (place === "sparse-map") return takeMap(bytes, at);
    const header = readHeader(bytes, at);
    if (header === undefined) {
      zeroBlocks += 1;
      if (zeroBlocks === 2) place = "end";
      return;
    }
    if (zeroBlocks > 0) throw new TarError("a block of zeros stands between two files");
    if (header.type === "S") takeSparse(header, bytes, at);
    else takeHeader(header);
  }

  function takeHeader(header: HeaderFields): void {
    switch (header.type) {
      case "x":
      case "g":
      case "L":
      case "K":
        if (header.size > mostMetaBytes)
          throw new TarError("a name or an extended header has more than 1 MiB");
        metaType = header.type;
        begin("meta", header.size);
        if (left === 0) endBody();
        return;
      default:
        takeEntry(header);
    }
  }

  function readMeta(bytes: Buffer): void {
    if (metaType === "x") pax = readPax(bytes);
    else if (metaType === "L") longName = readText(bytes, 0, bytes.length);
    else if (metaType === "K") longLink = readText(bytes, 0, bytes.length);
    else {
      readPax(bytes);
      // Go hands it out as a file of its own, and forgets what was said of the next one.
      forget();
    }
  }

  function takeSparse(header: HeaderFields, bytes: Buffer, at: number): void {
    const { size, hasMore } = readSparse(bytes, at);
    sparse = { header, size };
    mapBytes = 0;
    place = "sparse-map";
    if (!hasMore) endMap();
  }

  function takeMap(bytes: Buffer, at: number): void {
    mapBytes += blockBytes;
    if (mapBytes > mostMetaBytes)
      throw new TarError("the map of a sparse file has more than 1 MiB");
    if (bytes[at + 504] === 0) endMap();
  }

  function endMap(): void {
    place = "header";
    if (sparse !== undefined) takeEntry(sparse.header);
  }

  function takeEntry(header: HeaderFields): void {
    if (pax !== undefined) applyPax(header, pax);
    if (longName !== "") header.name = longName;
    if (longLink !== "") header.linkName = longLink;
    // Archives of the v7 format tell a directory by its name.
    if (header.type === "\0") header.type = header.name.endsWith("/") ? "5" : "0";
    if (withoutBytes.has(header.type)) header.stored = 0;
    if (header.stored < 0) throw new TarError("a file has a negative size");
    if (sparse !== undefined) {
      header.isSparse = true;
      header.size = sparse.size;
    } else if (pax !== undefined) applySparse(header, pax);
    forget();
    const isWanted = listener.entry(header);
    begin(isWanted ? "file" : "skipped", header.stored);
    if (left === 0) endBody();
  }

  function begin(what: Place, bytes: number): void {
    place = what;
    left = bytes;
    padding = -bytes & (blockBytes - 1);
  }

  function forget(): void {
    pax = undefined;
    longName = "";
    longLink = "";
    sparse = undefined;
  }

  function skip(): number {
    if (place === "end") return Number.POSITIVE_INFINITY;
    if (place !== "skipped") return 0;
    const bytes = left + padding;
    left = 0;
    padding = 0;
    place = "header";
    return bytes;
  }

  function end(): void {
    if (place === "end") return;
    if (blockFilled > 0 || place === "sparse-map") throw new TarError("it ends within a header");
    if (left > 0)
      throw new TarError(place === "meta" ? "it ends within a header" : "it ends within a file");
  }

  return { push, skip, end };
}
