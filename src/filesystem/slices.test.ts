import assert from "node:assert/strict";
import { constants, existsSync, openSync } from "node:fs";
import path from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { temporaryDirectory } from "../../test/directory.ts";
import { fileShelf, sliceWriter } from "./slices.ts";

const start = 72;

async function shelfFile(t: TestContext): Promise<string> {
  return path.join(await temporaryDirectory(t), "shelf");
}

/** Slices small and large, in one part or several, among them such that fill what is gathered before it is written. */
const slices = fc.array(
  fc.oneof(
    fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }),
    fc
      .tuple(fc.integer({ min: 100_000, max: 300_000 }), fc.nat(255))
      .map(([length, byte]) => [new Uint8Array(length).fill(byte), Uint8Array.of(byte)]),
  ),
  { maxLength: 12 },
);

test("slices come back as they were added, while the file is written and from the file", async (t) => {
  const file = await shelfFile(t);
  fc.assert(
    fc.property(slices, fc.nat(11), (all, early) => {
      const writer = sliceWriter(openSync(file, "w+"), start);
      for (const [n, parts] of all.entries()) {
        assert.equal(writer.add(parts), n);
        if (early <= n) assert.deepEqual(writer.read(early), Buffer.concat(all[early] ?? []));
      }
      const written = writer.finish();
      assert.ok(written);
      writer.close();
      const shelf = fileShelf(openSync(file, "r"), written, () => assert.fail("damaged"));
      for (const [n, parts] of all.entries()) assert.deepEqual(shelf.read(n), Buffer.concat(parts));
      shelf.close();
    }),
    { numRuns: 30 },
  );
});

test("the parts of a slice may be overwritten once they were added", async (t) => {
  for (const file of [undefined, openSync(await shelfFile(t), "w+")]) {
    const writer = sliceWriter(file, start);
    const part = Buffer.from("before");
    const slice = writer.add([part]);
    part.write("after!");
    assert.equal(slice, 0);
    assert.equal(Buffer.from(writer.read(0) ?? []).toString(), "before");
    writer.close();
  }
});

test("where the file takes no more, what it lacks is kept in memory", async (t) => {
  const { O_WRONLY, O_RDONLY } = constants;
  const readable = await shelfFile(t);
  sliceWriter(openSync(readable, "w"), start).close();
  // Linux's `/dev/full` takes nothing at all; a file that is open for reading alone neither.
  const full = existsSync("/dev/full") ? [["/dev/full", O_WRONLY] as const] : [];
  for (const [file, mode] of [...full, [readable, O_RDONLY] as const]) {
    fc.assert(
      fc.property(slices, (all) => {
        const writer = sliceWriter(openSync(file, mode), start);
        for (const parts of all) writer.add(parts);
        for (const [slice, parts] of all.entries())
          assert.deepEqual(Buffer.from(writer.read(slice) ?? []), Buffer.concat(parts));
        const isEmpty = all.every((parts) => parts.every(({ length }) => length === 0));
        assert.equal(writer.finish() === undefined, !isEmpty);
        writer.close();
      }),
      { numRuns: 30 },
    );
  }
});
