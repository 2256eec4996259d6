import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assert as holds, property, uint8Array } from "fast-check";
import { readDirectory, readFiles } from "./files.ts";

function answer(result: number, content = ""): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32LE(result);
  return Buffer.concat([head, Buffer.from(content)]);
}

/** A record of getdents64. */
function record(name: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil((20 + name.length) / 8) * 8);
  bytes.writeUInt16LE(bytes.byteLength, 16);
  bytes.write(name, 19);
  return bytes;
}

void describe("what the probe prints of paths", () => {
  void it("is parted into the paths in their order", () => {
    const output = Buffer.concat([
      answer(2, "ab"),
      answer(1, "c"),
      answer(0),
      answer(-2),
      answer(0),
    ]);
    assert.deepEqual(
      readFiles(output).map(({ bytes, errno }) => [Buffer.from(bytes).toString(), errno]),
      [
        ["abc", 0],
        ["", 2],
        ["", 0],
      ],
    );
  });

  void it("is an error where it was cut short", () => {
    assert.throws(() => readFiles(answer(2, "a")), RangeError);
    assert.throws(() => readFiles(answer(2, "ab")), RangeError);
    assert.throws(() => readFiles(Uint8Array.of(1, 0)), RangeError);
  });

  void it("may be anything: it is read or refused, and ends", () => {
    holds(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        for (const read of [readFiles, readDirectory]) {
          try {
            read(bytes);
          } catch (error) {
            assert.ok(error instanceof RangeError);
          }
        }
      }),
    );
  });

  void it("holds a directory's names", () => {
    assert.deepEqual(readDirectory(Buffer.concat([".", "..", "1", "self"].map(record))), [
      "1",
      "self",
    ]);
  });
});
