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
  /** The next bytes of that file, there only as long as the chunk that is being pushed; whether they were taken. */
  data(bytes: Buffer): boolean;
  /** That file has been told whole. */
  end(): void;
}

/** What Go reads of a long name or an extended header (`maxSpecialFileSize`). */
const mostMetaBytes = 1024 * 1024;

/** Types that no bytes follow, whatever their size field says: links, devices, directories, FIFOs. */
const withoutBytes = new Set(["1", "2", "3", "4", "5", "6"]);

/** What the walker is in the midst of. */
type Place = "header" | "file" | "skipped" | "meta" | "sparse-map" | "end";

export class TarWalker {
  readonly #listener: TarListener;
  #place: Place = "header";
  /** Bytes of the body that are still to come, and of the padding behind it. */
  #left = 0;
  #padding = 0;
  /** A block that began in one chunk and ends in another. */
  readonly #block = Buffer.alloc(blockBytes);
  #blockFilled = 0;
  #zeroBlocks = 0;
  /** The long name or extended header that is being gathered. */
  #metaType = "";
  #meta: Buffer[] = [];
  /** What has been said of the next file. */
  #pax: PaxRecords | undefined;
  #longName = "";
  #longLink = "";
  /** The old sparse format has blocks of its map between a header and its file. */
  #sparse: { readonly header: HeaderFields; readonly size: number } | undefined;
  #mapBytes = 0;

  constructor(listener: TarListener) {
    this.#listener = listener;
  }

  /**
   * Walks on from that place of the chunk. Returns the place that it came to: the chunk's end, or the bytes that the listener did
   * not take, which it is told again when the walk goes on from there. @throws TarError, and what the listener throws
   */
  push(chunk: Buffer, from = 0): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#place === "end") return chunk.length;
      if (this.#left > 0) {
        const next = this.#passBody(chunk, at);
        if (next === at) return at;
        at = next;
      } else if (this.#padding > 0) {
        const passed = Math.min(this.#padding, chunk.length - at);
        this.#padding -= passed;
        at += passed;
      } else at = this.#passBlock(chunk, at);
    }
    return at;
  }

  /** Goes on in a file, or in what is gathered; returns where it came to. */
  #passBody(chunk: Buffer, at: number): number {
    const length = Math.min(this.#left, chunk.length - at);
    const stop = at + length;
    if (this.#place === "file" && !this.#listener.data(chunk.subarray(at, stop))) return at;
    if (this.#place === "meta") this.#meta.push(Buffer.from(chunk.subarray(at, stop)));
    this.#left -= length;
    if (this.#left === 0) this.#endBody();
    return stop;
  }

  #endBody(): void {
    const ended = this.#place;
    this.#place = "header";
    if (ended === "file") this.#listener.end();
    else if (ended === "meta") {
      this.#readMeta(Buffer.concat(this.#meta));
      this.#meta = [];
    }
  }

  #passBlock(chunk: Buffer, at: number): number {
    if (this.#blockFilled === 0 && at + blockBytes <= chunk.length) {
      this.#takeBlock(chunk, at);
      return at + blockBytes;
    }
    const length = Math.min(blockBytes - this.#blockFilled, chunk.length - at);
    chunk.copy(this.#block, this.#blockFilled, at, at + length);
    this.#blockFilled += length;
    if (this.#blockFilled === blockBytes) {
      this.#blockFilled = 0;
      this.#takeBlock(this.#block, 0);
    }
    return at + length;
  }

  #takeBlock(bytes: Buffer, at: number): void {
    if (this.#place === "sparse-map") return this.#takeMap(bytes, at);
    const header = readHeader(bytes, at);
    if (header === undefined) {
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks === 2) this.#place = "end";
      return;
    }
    if (this.#zeroBlocks > 0) throw new TarError("a block of zeros stands between two files");
    if (header.type === "S") this.#takeSparse(header, bytes, at);
    else this.#takeHeader(header);
  }

  #takeHeader(header: HeaderFields): void {
    switch (header.type) {
      case "x":
      case "g":
      case "L":
      case "K":
        if (header.size > mostMetaBytes)
          throw new TarError("a name or an extended header has more than 1 MiB");
        this.#metaType = header.type;
        this.#begin("meta", header.size);
        if (this.#left === 0) this.#endBody();
        return;
      default:
        this.#takeEntry(header);
    }
  }

  #readMeta(bytes: Buffer): void {
    if (this.#metaType === "x") this.#pax = readPax(bytes);
    else if (this.#metaType === "L") this.#longName = readText(bytes, 0, bytes.length);
    else if (this.#metaType === "K") this.#longLink = readText(bytes, 0, bytes.length);
    else {
      readPax(bytes);
      // Go hands it out as a file of its own, and forgets what was said of the next one.
      this.#forget();
    }
  }

  #takeSparse(header: HeaderFields, bytes: Buffer, at: number): void {
    const { size, hasMore } = readSparse(bytes, at);
    this.#sparse = { header, size };
    this.#mapBytes = 0;
    this.#place = "sparse-map";
    if (!hasMore) this.#endMap();
  }

  #takeMap(bytes: Buffer, at: number): void {
    this.#mapBytes += blockBytes;
    if (this.#mapBytes > mostMetaBytes)
      throw new TarError("the map of a sparse file has more than 1 MiB");
    if (bytes[at + 504] === 0) this.#endMap();
  }

  #endMap(): void {
    this.#place = "header";
    if (this.#sparse !== undefined) this.#takeEntry(this.#sparse.header);
  }

  #takeEntry(header: HeaderFields): void {
    if (this.#pax !== undefined) applyPax(header, this.#pax);
    if (this.#longName !== "") header.name = this.#longName;
    if (this.#longLink !== "") header.linkName = this.#longLink;
    // Archives of the v7 format tell a directory by its name.
    if (header.type === "\0") header.type = header.name.endsWith("/") ? "5" : "0";
    if (withoutBytes.has(header.type)) header.stored = 0;
    if (header.stored < 0) throw new TarError("a file has a negative size");
    if (this.#sparse !== undefined) {
      header.isSparse = true;
      header.size = this.#sparse.size;
    } else if (this.#pax !== undefined) applySparse(header, this.#pax);
    this.#forget();
    const isWanted = this.#listener.entry(header);
    this.#begin(isWanted ? "file" : "skipped", header.stored);
    if (this.#left === 0) this.#endBody();
  }

  #begin(what: Place, bytes: number): void {
    this.#place = what;
    this.#left = bytes;
    this.#padding = -bytes & (blockBytes - 1);
  }

  #forget(): void {
    this.#pax = undefined;
    this.#longName = "";
    this.#longLink = "";
    this.#sparse = undefined;
  }

  /**
   * Passes over the rest of a file that is not wanted, with its padding, or over all behind the archive's end: the next chunk begins
   * so many bytes later.
   */
  skip(): number {
    if (this.#place === "end") return Number.POSITIVE_INFINITY;
    if (this.#place !== "skipped") return 0;
    const bytes = this.#left + this.#padding;
    this.#left = 0;
    this.#padding = 0;
    this.#place = "header";
    return bytes;
  }

  /** The archive's bytes have come to their end. @throws TarError where it ends within a header or a file */
  end(): void {
    if (this.#place === "end") return;
    if (this.#blockFilled > 0 || this.#place === "sparse-map")
      throw new TarError("it ends within a header");
    if (this.#left > 0)
      throw new TarError(
        this.#place === "meta" ? "it ends within a header" : "it ends within a file",
      );
  }
}
