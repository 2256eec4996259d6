/** The frames of a websocket, by hand (RFC 6455, 5.2). Messages in pieces are not put together: nobody here sends any. */
import { createHash, randomBytes } from "node:crypto";

export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Bytes that a payload may have. */
const limit = 1_048_576;

/** What a client sends is masked, what a server sends is not. */
export function frameOf(opcode: number, payload: Uint8Array, from: "client" | "server"): Buffer {
  const { length } = payload;
  const isLong = length > 125;
  if (length > 65_535) throw new RangeError("frames of more than 65,535 bytes are not written");
  const bit = from === "client" ? 0x80 : 0;
  const head = Buffer.from([0x80 | opcode, bit | (isLong ? 126 : length)]);
  const more = Buffer.alloc(isLong ? 2 : 0);
  if (isLong) more.writeUInt16BE(length);
  if (from === "server") return Buffer.concat([head, more, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([head, more, mask, masked(payload, mask)]);
}

/** Takes bytes as they come, and gives the frames that are whole. @throws RangeError where one is too long */
export function frameReader(): (chunk: Uint8Array) => readonly Frame[] {
  let left: Buffer = Buffer.alloc(0);
  return (chunk) => {
    left = Buffer.concat([left, chunk]);
    const frames: Frame[] = [];
    for (let next = frameAt(left); next !== undefined; next = frameAt(left)) {
      frames.push(next.frame);
      left = left.subarray(next.size);
    }
    return frames;
  };
}

function frameAt(bytes: Buffer): { readonly frame: Frame; readonly size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  const short = second & 0x7f;
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskSize = (second & 0x80) === 0 ? 0 : 4;
  const start = 2 + lengthSize + maskSize;
  if (bytes.length < start) return undefined;
  const length =
    lengthSize === 0
      ? short
      : lengthSize === 2
        ? bytes.readUInt16BE(2)
        : Number(bytes.readBigUInt64BE(2));
  if (length > limit) throw new RangeError(`a frame of ${length} bytes`);
  if (bytes.length < start + length) return undefined;
  const body = bytes.subarray(start, start + length);
  const payload = maskSize === 0 ? body : masked(body, bytes.subarray(start - 4, start));
  return { frame: { opcode: first & 0x0f, payload }, size: start + length };
}

function masked(payload: Uint8Array, mask: Uint8Array): Buffer {
  return Buffer.from(payload.map((byte, n) => byte ^ (mask[n % 4] ?? 0)));
}

export function closePayload(code: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return bytes;
}

/** The code of a close frame; 1005 where it has none (RFC 6455, 7.1.5). */
export function closeCode({ payload }: Frame): number {
  return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
}

/** What a server answers to that key (RFC 6455, 4.2.2). */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
