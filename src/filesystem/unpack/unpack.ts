/** A layer's bytes unpacked as they come, whatever packed them: its first bytes tell, not its label. */
import type { Readable } from "node:stream";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { mostFrames, mostWindowBytes, type UnpackLimits, unpackLimits } from "../limits.ts";
import { release, releaseWhole } from "../pages.ts";
import { type Input, inputOf } from "./input.ts";
import { zstdFrames } from "./zstd.ts";

/** What is wrong with the packed bytes, as one part of a sentence. */
class UnpackError extends Error {
  override readonly name = "UnpackError";
}

export interface UnpackOptions {
  readonly signal: AbortSignal;
  /** Hears what some engines may refuse: a sentence. */
  readonly doubt: (sentence: string) => void;
  /** Waits until zstd may take a window of so many bytes. */
  readonly reserve: (bytes: number) => Promise<void>;
  readonly limits?: UnpackLimits;
}

/** Each chunk is a way through a thread and back, which small ones make too often; more than this costs memory alone. */
const chunkSize = 1024 * 1024;
/**
 * How far the unpacking may be ahead of whoever reads it, who takes longer for some chunks than for others: two of them. They are
 * objects, so that the stream hands out each as it is, and makes no copy of several.
 */
const streamOptions = { chunkSize, readableObjectMode: true, readableHighWaterMark: 2 };

/**
 * Unpacks gzip (RFC 1952, of several members), zstd (RFC 8878, of several frames) and what is not packed at all.
 * A chunk's bytes are there until the next one is asked for. The source is read to its end, so that it can hold the whole against a digest; it is closed in any case.
 * @throws UnpackError, zlib's and the source's own errors, the signal's reason
 */
export async function* unpack(
  source: Readable,
  options: UnpackOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { signal, limits = unpackLimits } = options;
  const input = inputOf(source, signal);
  let unpacked = 0;
  try {
    const first = await input.next();
    input.giveBack(first);
    for await (const chunk of unpacker(first)(input, options)) {
      unpacked += chunk.length;
      checkSize(unpacked, input.taken(), limits);
      yield chunk;
      signal.throwIfAborted();
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    input.close();
  }
}

function checkSize(unpacked: number, packed: number, limits: UnpackLimits): void {
  const { bytes, ratio, ratioBegins } = limits;
  if (unpacked > bytes) throw new UnpackError(`it unpacks to more than ${bytes} bytes`);
  if (unpacked > ratioBegins && unpacked - ratioBegins > packed * ratio)
    throw new UnpackError(`it unpacks to more than ${ratio} times its size`);
}

type Unpacker = (input: Input, options: UnpackOptions) => AsyncIterable<Buffer>;

function unpacker(first: Buffer = Buffer.alloc(0)): Unpacker {
  if (isGzip(first)) return gunzip;
  return isZstd(first) ? unzstd : plain;
}

async function* plain(input: Input): AsyncGenerator<Buffer> {
  for (let chunk = await input.next(); chunk !== undefined; chunk = await input.next()) {
    yield chunk;
    releaseWhole(chunk);
  }
}

async function* gunzip(input: Input, { doubt }: UnpackOptions): AsyncGenerator<Buffer> {
  yield* decompress(createGunzip(streamOptions), input);
  // Node's gunzip ends before zeros behind the last member (the padding of tapes), and refuses anything else.
  let zeros = 0;
  for (let rest = await input.next(); rest !== undefined; rest = await input.next()) {
    if (rest.some((byte) => byte !== 0)) throw new UnpackError("something follows its gzip stream");
    zeros += rest.length;
  }
  if (zeros > 0) doubt(`${zeros} zeros follow its gzip stream, which some engines refuse.`);
}

async function* unzstd(input: Input, { reserve }: UnpackOptions): AsyncGenerator<Buffer> {
  const frames = zstdFrames();
  const params = { [constants.ZSTD_d_windowLogMax]: Math.log2(mostWindowBytes) };
  let count = 0;
  const framed = input.cut(async (chunk) => {
    const pieces = frames.cut(chunk);
    count += pieces.length;
    if (count > mostFrames) throw new UnpackError(`it has more than ${mostFrames} zstd frames`);
    const window = frames.window();
    if (window > mostWindowBytes) {
      const [mebibytes, most] = [window, mostWindowBytes].map((bytes) =>
        Math.ceil(bytes / 2 ** 20),
      );
      throw new UnpackError(
        `its zstd window has ${mebibytes} MiB, and ${most} MiB is the most that is read`,
      );
    }
    await reserve(window);
    return pieces;
  });
  yield* decompress(createZstdDecompress({ ...streamOptions, params }), framed);
  if ((await framed.next()) !== undefined)
    throw new UnpackError("something follows its zstd frames");
}

export type Compression = "gzip" | "zstd" | "none";

/** What packed the bytes that begin so. */
export function compressionOf(head: Uint8Array): Compression {
  if (isGzip(head)) return "gzip";
  return isZstd(head) ? "zstd" : "none";
}

/** RFC 1952, 2.3.1. */
function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** RFC 8878, 3.1.1 and 3.1.2: a frame, or one that is to be skipped. */
function isZstd(head: Uint8Array): boolean {
  const isFrame = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  const [low = 0] = head;
  const isSkipped = low >>> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
  return isFrame || isSkipped;
}

/** Node's decompressing streams, as far as they are used here. */
type Decompressor = ReturnType<typeof createGunzip>;

/** All that a decompressor makes of the input; what it does not take is given back. */
async function* decompress(stream: Decompressor, input: Input): AsyncGenerator<Buffer> {
  const feeding = feed(stream, input);
  // It is awaited only where the stream ends well; else both have failed, and the stream's error is the one to tell.
  feeding.catch((error: unknown) => {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Buffer)) continue;
      yield chunk;
      // Left to the garbage collector, it would walk the whole heap for every few dozen megabytes that are read and unpacked,
      // which takes half as long as unpacking them.
      if (isWritten(chunk)) release(chunk);
    }
    await feeding;
  } finally {
    stream.destroy();
  }
}

/** Whether a stream has written its memory to the end, and so has taken another. */
function isWritten({ buffer, byteOffset, length }: Buffer): boolean {
  return buffer.byteLength === chunkSize && byteOffset + length === chunkSize;
}

/** Writes the input into a stream, until either ends. */
async function feed(stream: Decompressor, input: Input): Promise<void> {
  let isEnded = false;
  let goOn: (() => void) | undefined;
  const end = () => {
    isEnded = true;
    goOn?.();
  };
  // A stream that has ended, or failed, calls nobody back.
  stream.once("end", end).once("error", end).once("close", end);
  let written = 0;
  let next = input.next();
  for (let chunk = await next; chunk !== undefined; chunk = await next) {
    const bytes = chunk;
    const taking = new Promise<void>((resolve) => {
      goOn = resolve;
      stream.write(bytes, () => resolve());
    });
    // The next chunk is fetched meanwhile; what is wrong with it is heard when it is waited for.
    next = input.next();
    next.catch(() => {});
    await taking;
    const took = stream.bytesWritten - written;
    written += took;
    if (isEnded || took < bytes.length) {
      input.giveBack(await next, bytes.subarray(took));
      return;
    }
    releaseWhole(bytes);
  }
  stream.end();
}
