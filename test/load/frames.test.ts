/** Frames as RFC 6455 writes them (5.7, 1.3), and as they come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptKey, closeCode, closePayload, frameOf, frameReader, opcodes } from "./frames.ts";

test("the examples of RFC 6455", () => {
  const hello = Buffer.from("Hello");
  assert.equal(frameOf(opcodes.text, hello, "server").toString("hex"), "810548656c6c6f");
  const masked = Buffer.from("818537fa213d7f9f4d5158", "hex");
  assert.deepEqual(frameReader()(masked), [{ opcode: opcodes.text, payload: hello }]);
  assert.equal(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("frames of every size come back, in whatever pieces they come", () => {
  const sizes = [0, 1, 125, 126, 40_000, 65_535];
  const payloads = sizes.map((size) => Buffer.alloc(size, "x"));
  const frames = payloads.map((payload) => frameOf(opcodes.text, payload, "client"));
  const bytes = Buffer.concat(frames);
  for (const piece of [bytes.length, 7001, 1]) {
    const read = frameReader();
    const found: Buffer[] = [];
    // Byte by byte the short ones alone: each byte copies what has come.
    const end = piece === 1 ? 400 : bytes.length;
    for (let at = 0; at < end; at += piece) {
      found.push(...read(bytes.subarray(at, Math.min(at + piece, end))).map((one) => one.payload));
    }
    assert.deepEqual(found, payloads.slice(0, found.length));
    assert.equal(found.length, piece === 1 ? 4 : sizes.length);
  }
});

test("a frame of 64 bits of length is read, and one beyond the limit refused", () => {
  const [frame] = frameReader()(Buffer.concat([longHead(70_000), Buffer.alloc(70_000)]));
  assert.equal(frame?.payload.length, 70_000);
  assert.throws(() => frameReader()(longHead(2 ** 30)), RangeError);
});

test("a close has a code, or 1005 where it says none", () => {
  const [opcode, none] = [opcodes.close, Buffer.alloc(0)];
  assert.equal(closeCode({ opcode, payload: closePayload(1001) }), 1001);
  assert.equal(closeCode({ opcode, payload: none }), 1005);
});

function longHead(length: number): Buffer {
  const head = Buffer.from("827f0000000000000000", "hex");
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
