import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { piecesOf } from "./pieces.ts";

const text = "0123456789abcdefghij";

function start({ fails = false } = {}) {
  const sent: [number, number][] = [];
  let opened = 0;
  const pieces = piecesOf({
    size: text.length,
    onSent: (bytes, upTo) => sent.push([bytes, upTo]),
    async open() {
      opened += 1;
      return Readable.from(chunks(), { objectMode: false });
    },
  });
  async function* chunks() {
    for (let at = 0; at < text.length; at += 6) yield Buffer.from(text.slice(at, at + 6));
    if (fails) throw new Error("its bytes are others");
  }
  const read = async (from: number, length: number) =>
    (await buffer(pieces.piece(from, length))).toString();
  return { pieces, read, sent, opened: () => opened };
}

test("pieces in their order are one reading", async () => {
  const { pieces, read, sent, opened } = start();
  assert.deepEqual(
    [await read(0, 8), await read(8, 8), await read(16, 4)],
    [text.slice(0, 8), text.slice(8, 16), text.slice(16)],
  );
  assert.equal(opened(), 1);
  assert.deepEqual(sent.at(-1), [2, text.length]);
  assert.equal(
    sent.reduce((sum, [bytes]) => sum + bytes, 0),
    text.length,
  );
  pieces.close();
});

test("a piece out of order is read anew", async () => {
  const { pieces, read, opened } = start();
  assert.equal(await read(13, 3), "def");
  assert.equal(await read(2, 3), "234");
  assert.equal(await read(5, 3), "567");
  assert.equal(opened(), 2);
  pieces.close();
});

test("one that was given up while it was taken does not take from the next", async () => {
  const { pieces, read, opened } = start();
  const given = pieces.piece(0, text.length);
  const pending = given.next();
  assert.equal(await read(0, text.length), text);
  assert.equal(opened(), 2);
  await pending.catch(() => {});
  assert.equal(pieces.failure(), undefined);
  pieces.close();
});

test("one that was ended early is gone on with where it ended", async () => {
  const { pieces, read, opened } = start();
  for await (const bytes of pieces.piece(0, 6)) {
    assert.equal(Buffer.from(bytes).toString(), "012345");
    break;
  }
  assert.equal(await read(6, 14), text.slice(6));
  assert.equal(opened(), 1);
  pieces.close();
});

test("what the source finds wrong at its end fails the last piece", async () => {
  const { pieces, read } = start({ fails: true });
  assert.equal(await read(0, 10), text.slice(0, 10));
  await assert.rejects(read(10, 10), /its bytes are others/);
  assert.match(String(pieces.failure()), /its bytes are others/);
  pieces.close();
});
