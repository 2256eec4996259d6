/**
 * Reads hostile layers in a process of its own, two at once as verify does, and merges them: `node hostile.ts CASE`. Writes
 * as JSON what came of it and the most memory that was resident.
 */
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { isFailure } from "../../src/errors.ts";
import { type LayerFacts, readLayer } from "../../src/filesystem/layer.ts";
import { memoryBudget } from "../../src/filesystem/limits.ts";
import { mergeLayers } from "../../src/filesystem/tree.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/document.ts";
import { paxHeader, tarBlock, tarEntry } from "../image/tar.ts";

export interface HostileResult {
  /** A code of the catalogue, else `read`. */
  readonly outcome: string;
  readonly said: readonly string[];
  readonly entries: number;
  readonly residentBytes: number;
}

/** A zstd frame of that window whose blocks are one byte repeated (RFC 8878, 3.1.1.2.2). */
function* zstd(blocks: number, windowLog: number): Generator<Buffer> {
  yield Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]);
  const some = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from([0b010, 0, 0x10, 0])));
  for (let n = 0; n < blocks; n += 1000) yield Buffer.from(some);
  yield Buffer.from([1, 0, 0]);
}

/** So many copies of an entry, its `#######` another number each time. That must stand in an extended header, which has no checksum. */
function* copies(count: number, entry: Buffer): Generator<Buffer> {
  const at = entry.indexOf("#######");
  for (let n = 0; n < count; n++) {
    const copy = Buffer.from(entry);
    copy.write(String(n).padStart(7, "0"), at);
    yield copy;
  }
}

/** Empty files or directories of a name with seven digits in it, quicker than one block after the other. */
function* numbered(count: number, before: string, type: string): Generator<Buffer> {
  const first = tarBlock({ name: `${before}0000000`, type });
  const sum = Number.parseInt(first.toString("latin1", 148, 154), 8);
  for (let n = 0; n < count; n += 1000) {
    const blocks = Buffer.concat(Array.from({ length: 1000 }, () => first));
    for (let more = 0; more < 1000; more++) {
      const digits = String(n + more).padStart(7, "0");
      const added = Array.from(digits, Number).reduce((one, other) => one + other);
      blocks.write(digits, more * 512 + before.length, "latin1");
      blocks.write((sum + added).toString(8).padStart(6, "0"), more * 512 + 148, "latin1");
    }
    yield blocks;
  }
}

/** A file of zeros, in gzip members of 64 MiB each. */
function* gzipBomb(members: number): Generator<Buffer> {
  const zeros = gzipSync(Buffer.alloc(2 ** 26));
  yield gzipSync(tarBlock({ name: "zeros", size: members * 2 ** 26 }));
  for (let n = 0; n < members; n++) yield Buffer.from(zeros);
}

/** Files that begin as zip archives do, as large as they are kept whole. */
function* archives(): Generator<Buffer> {
  for (const n of [1, 2, 3]) {
    yield tarBlock({ name: `${n}.jar`, size: 2 ** 25 });
    yield Buffer.from("PK\u0003\u0004".padEnd(2 ** 20, "\0"), "latin1");
    for (let more = 1; more < 32; more++) yield Buffer.alloc(2 ** 20);
  }
}

/** As a file is read: pieces of 256 KiB with memory of their own, each a turn of the event loop. */
async function* pieces(chunks: Iterable<Buffer>): AsyncGenerator<Uint8Array> {
  let piece = Buffer.allocUnsafeSlow(2 ** 18);
  let filled = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const length = Math.min(chunk.length - at, piece.length - filled);
      chunk.copy(piece, filled, at, at + length);
      at += length;
      filled += length;
      if (filled < piece.length) continue;
      await setImmediate();
      yield piece;
      piece = Buffer.allocUnsafeSlow(2 ** 18);
      filled = 0;
    }
  }
  yield Buffer.from(piece.subarray(0, filled));
}

const named = (path: string) => Buffer.concat([paxHeader({ path }), tarEntry({})]);

const cases: Readonly<Record<string, () => Generator<Buffer>>> = {
  "more files than are looked at": () => numbered(210_000, "directory/of/many/files/", "0"),
  "more directories than are looked at": () => numbered(125_000, "", "5"),
  "paths of 45 directories each": () => copies(5000, named(`#######/${"d/".repeat(45)}f`)),
  "paths of 4,000 bytes": () =>
    copies(8000, named(`${"twenty bytes of path/".repeat(190)}#######/f`)),
  "targets of 4,000 bytes": () => {
    const link = paxHeader({ path: "#######", linkpath: "x/".repeat(2000) });
    return copies(8000, Buffer.concat([link, tarEntry({ type: "2" })]));
  },
  "zstd windows of 64 MiB": () => zstd(600, 26),
  "a bomb of gzip": () => gzipBomb(4),
  "large archives": archives,
};

const [name = ""] = process.argv.slice(2);
const make = cases[name];
if (make !== undefined) process.stdout.write(JSON.stringify(await run(make)));

async function run(bytes: () => Generator<Buffer>): Promise<HostileResult> {
  const layer = { mediaType: mediaTypes.layer, digest: digestOf(""), size: 0 };
  const { signal } = new AbortController();
  const budget = memoryBudget();
  const source = {
    read: async () => new Uint8Array(),
    open: () => Readable.from(pieces(bytes()), { objectMode: false }),
  };
  let layers: readonly LayerFacts[] = [];
  let outcome = "read";
  try {
    layers = await Promise.all(
      [1, 2].map(async () => await readLayer(layer, source, { signal, budget })),
    );
  } catch (error) {
    outcome = isFailure(error) ? `${error.code}: ${error.message}` : String(error);
  }
  const tree = mergeLayers(layers);
  return {
    outcome,
    said: [...layers.flatMap(({ unread }) => unread), ...tree.problems],
    entries: layers.reduce((sum, { list }) => sum + list.length, 0),
    residentBytes: process.resourceUsage().maxRSS * 1024,
  };
}
