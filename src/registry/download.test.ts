import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { fail, isFailure } from "../errors.ts";
import { download, type Place } from "./download.ts";
import { TransientFailure } from "./failure.ts";

const size = 8_000_000;
const blob = Buffer.alloc(size, "0123456789");
const registry = "registry.example.org";
const broken = fail("REGISTRY_UNREACHABLE", { registry, reason: "the connection was cut" });

/** A place whose connections break after so many bytes each, the last one's going on to the end. */
function place(pieces: readonly number[], asked: number[] = []): Place {
  const left = [...pieces];
  return {
    registry,
    patience: { attempts: 3, firstPauseMs: 1, longestPauseMs: 10 },
    async open(from) {
      asked.push(from);
      const piece = left.shift();
      return (async function* () {
        yield blob.subarray(from, piece === undefined ? size : from + piece);
        if (piece !== undefined) throw new TransientFailure(broken);
      })();
    },
  };
}

const { signal } = new AbortController();

async function downloaded(...places: readonly Place[]) {
  const failed: Place[] = [];
  const content = download(places, {
    size,
    signal,
    report: () => {},
    onFailure: (one) => failed.push(one),
  });
  return { isWhole: blob.equals(await buffer(content)), failed };
}

test("each connection goes on where the one before broke", async () => {
  const asked: number[] = [];
  assert.ok((await downloaded(place([10, 1], asked))).isWhole);
  assert.deepEqual(asked, [0, 10, 11]);
});

test("who gets on may fail again, who does not has so many tries", async () => {
  const much = 1_100_000;
  assert.ok((await downloaded(place([much, much, much, 10, much, 10]))).isWhole);
  await assert.rejects(downloaded(place([much, 10, 10])), (error) =>
    isFailure(error, "REGISTRY_UNREACHABLE"),
  );
});

test("the next place goes on where the one before was given up", async () => {
  const asked: number[] = [];
  const first = place([100, 10, 10, 10]);
  const { isWhole, failed } = await downloaded(first, place([], asked));
  assert.ok(isWhole);
  assert.deepEqual([asked, failed], [[120], [first]]);
});

test("a body that ends too early is a broken connection", async () => {
  const asked: number[] = [];
  const short: Place = {
    ...place([]),
    async open(from) {
      asked.push(from);
      return (async function* () {
        yield blob.subarray(from, from === 0 ? 1000 : size);
      })();
    },
  };
  assert.ok((await downloaded(short)).isWhole);
  assert.deepEqual(asked, [0, 1000]);
});

test("what is not transient is thrown at once", async () => {
  const denied = fail("REGISTRY_DENIED", { registry, repository: "app", reason: "no" });
  let asked = 0;
  const one: Place = {
    ...place([]),
    async open() {
      asked += 1;
      throw denied;
    },
  };
  await assert.rejects(downloaded(one), denied);
  assert.equal(asked, 1);
});
