import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { temporaryDirectory } from "../../test/directory.ts";
import { elf, imageOf, sourceOf, tarOf, type TestFiles } from "../../test/image/image.ts";
import { elfFile } from "../../test/elf/elf-file.ts";
import { paxHeader, tarBlock, tarEnd, tarEntry } from "../../test/image/tar.ts";
import type { ByteRange, FileBytes } from "../binary/bytes.ts";
import type { FileName } from "../binary/content.ts";
import { provides } from "../binary/elf/symbols.ts";
import { isFailure } from "../errors.ts";
import { digestOf, hexOf } from "../oci/digest.ts";
import { descriptorOf, mediaTypes, parseIndex, parseManifest } from "../oci/document.ts";
import { openLayout } from "../store/layout.ts";
import { type ContentReader, contentReader } from "./contents.ts";
import { type LayerFacts, type LayerOptions, readLayer } from "./layer.ts";
import { memoryBudget } from "./limits.ts";

const { signal } = new AbortController();

const files: TestFiles = {
  "usr/": { type: "directory" },
  "usr/bin/app": { content: Buffer.concat([elf(62), Buffer.alloc(5000, 7)]) },
  "usr/bin/run": "#!/bin/sh\nexec app\n",
  "usr/share/text": { content: "no program", mode: 0o644 },
  bin: { type: "symlink", linkname: "usr/bin" },
  "usr/bin/also": { type: "link", linkname: "usr/bin/app" },
};

async function layerOf(compression: "gzip" | "zstd" | "none") {
  const { source, root } = await imageOf([{ layers: [files] }], compression);
  const [manifest] = parseIndex(await source.read(root)).manifests;
  assert.ok(manifest);
  const [layer] = parseManifest(await source.read(manifest)).layers;
  assert.ok(layer);
  return { source, layer };
}

test("of two layers that keep much of a file one waits for the other, and neither for ever", async () => {
  const size = 9 * 2 ** 20;
  const archive = Buffer.concat([
    tarEntry({ name: "lib/large.so", mode: 0o755 }, Buffer.concat([elf(62), Buffer.alloc(size)])),
    tarEnd,
  ]);
  const layer = descriptorOf(mediaTypes.layer, archive, digestOf(archive));
  const source = sourceOf(new Map([[layer.digest, archive]]));
  const budget = memoryBudget();
  const kept: ContentReader = { ...contentReader, wantedBytes: () => ({ kind: "whole" }) };
  const options: LayerOptions = { signal, budget, contents: kept };
  const once = async () => await readLayer(layer, source, options);
  const facts = await Promise.all([once(), once()]);
  assert.deepEqual(
    facts.map(({ entries }) => entries.map(({ content }) => content?.kind)),
    [["elf"], ["elf"]],
  );
  // Somebody has the room, and does not give it back.
  const room = budget.rooms.take(size);
  assert.ok(room !== undefined && budget.rooms.take(size) === undefined);
  assert.equal((await once()).entries.length, 1);
});

for (const compression of ["gzip", "zstd", "none"] as const) {
  test(`a layer of compression ${compression} tells its entries and its DiffID`, async () => {
    const { source, layer } = await layerOf(compression);
    const facts = await readLayer(layer, source, { signal });
    assert.equal(facts.diffId, digestOf(await tarOf(files)));
    assert.deepEqual(
      facts.entries.map(({ path: name, type }) => `${type} ${name}`),
      [
        "directory usr",
        "file usr/bin/app",
        "file usr/bin/run",
        "file usr/share/text",
        "symlink bin",
        "link usr/bin/also",
      ],
    );
    const [, app, run, text] = facts.entries;
    assert.equal(app?.content?.kind, "elf");
    assert.ok(run?.content?.kind === "script");
    assert.equal(Buffer.from(run.content.head).toString(), "#!/bin/sh\nexec app\n");
    assert.equal(text?.content, undefined);
    assert.equal(app?.size, 5064);
  });
}

const gzipped = await layerOf("gzip");
const whole = await gzipped.source.read(gzipped.layer);
const damages: Readonly<Record<string, Uint8Array>> = {
  "cut short": whole.subarray(0, whole.length - 40),
  "damaged in the middle": Uint8Array.from(whole, (byte, n) =>
    n === whole.length >> 1 ? byte ^ 255 : byte,
  ),
  "no archive at all": Buffer.from("hello, this is not a tar archive".repeat(40)),
};
for (const [how, bytes] of Object.entries(damages)) {
  test(`a layer that is ${how} is LAYER_DAMAGED`, async () => {
    const source = sourceOf(new Map([[gzipped.layer.digest, bytes]]));
    await assert.rejects(readLayer(gzipped.layer, source, { signal }), (error) =>
      isFailure(error, "LAYER_DAMAGED"),
    );
  });
}

test("a layer with bytes changed anywhere is read to its end, or LAYER_DAMAGED", async () => {
  const packed = { gzip: whole, plain: await tarOf(files) };
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(packed.gzip, packed.plain),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (bytes, changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, xor] of changes)
          changed[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ xor;
        const source = sourceOf(new Map([[gzipped.layer.digest, changed]]));
        const ended = await readLayer(gzipped.layer, source, { signal }).catch(
          (error: unknown) => error,
        );
        assert.ok(!(ended instanceof Error) || isFailure(ended, "LAYER_DAMAGED"));
      },
    ),
    { numRuns: 150 },
  );
});

test("reading ends with the signal, and throws its reason", async () => {
  const { source, layer } = await layerOf("gzip");
  const reason = new Error("enough");
  await assert.rejects(readLayer(layer, source, { signal: AbortSignal.abort(reason) }), reason);
});

/** Reads one layer of those bytes. */
async function read(
  archive: Uint8Array,
  options: Omit<LayerOptions, "signal"> = {},
): Promise<LayerFacts> {
  const packed = gzipSync(archive);
  const layer = descriptorOf(mediaTypes.layerGzip, packed, digestOf(packed));
  return await readLayer(layer, sourceOf(new Map([[layer.digest, packed]])), {
    signal,
    ...options,
  });
}

const pathsOf = ({ entries }: LayerFacts) => entries.map((entry) => entry.path);

const long = "n".repeat(256);
const strange: Readonly<
  Record<string, readonly [archive: Uint8Array, paths: readonly string[], said?: RegExp]>
> = {
  "`..` and a leading slash end at the root": [
    Buffer.concat(
      ["../../etc/a", "/b", "c/../../d", "./e/./f//g/"].map((name) => tarEntry({ name })),
    ),
    ["etc/a", "b", "d", "e/f/g"],
  ],
  "the root itself has no name": [tarEntry({ name: "./", type: "5" }), [""]],
  "a file without a name is passed over": [tarEntry({ name: "." }), [], /without a name/],
  "a name that is too long for the kernel is passed over": [
    Buffer.concat([paxHeader({ path: `a/${long}` }), tarEntry({}), tarEntry({ name: "b" })]),
    ["b"],
    /^"?\/a\/n+….* was passed over: a name in it has more than 255 bytes\.$/,
  ],
  "a path of 100,000 directories is passed over": [
    Buffer.concat([
      paxHeader({ path: "d/".repeat(100_000) }),
      tarEntry({ type: "5" }),
      tarEntry({ name: "b" }),
    ]),
    ["b"],
    /no path may have 199999 bytes/,
  ],
  "a path of a megabyte is passed over": [
    Buffer.concat([
      tarEntry({ type: "L" }, "a".repeat(2 ** 20)),
      tarEntry({}),
      tarEntry({ name: "b" }),
    ]),
    ["b"],
    /no path may have 1048576 bytes/,
  ],
  "a whiteout of nothing is passed over": [
    tarEntry({ name: "a/.wh..." }),
    [],
    /takes nothing away/,
  ],
  "a file with holes is told, and not read": [
    Buffer.concat([
      paxHeader({ "GNU.sparse.map": "0,1", "GNU.sparse.size": "9" }),
      tarEntry({ name: "a" }, "x"),
    ]),
    ["a"],
    /"\/a"|\/a is stored with holes/,
  ],
  "a type that no engine unpacks is told": [tarEntry({ name: "a", type: "7" }), ["a"], /type "7"/],
  "a link that leads nowhere is told": [tarEntry({ name: "a", type: "2" }), ["a"], /leads nowhere/],
  "devices and FIFOs are told": [
    Buffer.concat(["3", "4", "6"].map((type) => tarEntry({ name: `dev/${type}`, type }))),
    ["dev/3", "dev/4", "dev/6"],
  ],
};
for (const [what, [archive, paths, said]] of Object.entries(strange)) {
  test(`in an archive ${what}`, async () => {
    const facts = await read(Buffer.concat([archive, tarEnd]));
    assert.deepEqual(pathsOf(facts), paths);
    assert.equal(facts.unread.length, said === undefined ? 0 : 1);
    if (said !== undefined) assert.match(facts.unread[0] ?? "", said);
  });
}

test("owner, mode and capabilities are told", async () => {
  const { entries } = await read(
    Buffer.concat([
      paxHeader({
        uid: "1000",
        gid: "50",
        "SCHILY.xattr.security.capability": Uint8Array.of(1, 0),
      }),
      tarEntry({ name: "ping", mode: 0o4755 }),
    ]),
  );
  const [ping] = entries;
  assert.deepEqual(
    [ping?.uid, ping?.gid, ping?.mode, ping?.hasCapabilities],
    [1000, 50, 0o4755, true],
  );
});

test("what is said of a layer has an end", async () => {
  const odd = Array.from({ length: 200 }, (_, n) => tarEntry({ name: `${n}`, type: "7" }));
  const { unread, entries } = await read(Buffer.concat(odd));
  assert.equal(entries.length, 200);
  assert.equal(unread.length, 51);
  assert.equal(unread.at(-1), "150 more of its files have such problems.");
});

test("beyond what the image may take of the memory nothing is kept, and that is said", async () => {
  const archive = Buffer.concat(["a", "b", "c", "d"].map((name) => tarEntry({ name })));
  const budget = memoryBudget(3);
  const facts = await read(archive, { budget });
  assert.deepEqual(pathsOf(facts), ["a", "b", "c"]);
  assert.equal(facts.isWhole, false);
  assert.match(facts.unread[0] ?? "", /more paths than are kept/);
  assert.equal(facts.diffId, digestOf(archive));
  assert.deepEqual(pathsOf(await read(archive, { budget })), []);
  assert.deepEqual(pathsOf(await read(archive, { budget: memoryBudget(10, 2) })), ["a", "b"]);
});

/** Reads as content the text of ranges of every file: of the first call, and all of them when more are needed. */
function rangeReader(first: readonly ByteRange[], more: readonly ByteRange[] = []): ContentReader {
  return {
    ...contentReader,
    headBytes: 100,
    wantedBytes: () => ({ kind: "ranges", ranges: first }),
    readContent(_file: FileName, bytes: FileBytes) {
      const all = [...first, ...more].map((range) => bytes.read(range));
      const isThere = all.every((part) => part !== undefined);
      if (!isThere) return { outcome: "needs", ranges: more };
      return { outcome: "read", content: { kind: "text", text: Buffer.concat(all).toString() } };
    },
  };
}

const numbers = Buffer.from(Array.from({ length: 200_000 }, (_, n) => String(n % 10)).join(""));
const big = Buffer.concat([
  tarEntry({ name: "before" }, numbers.subarray(0, 600)),
  tarEntry({ name: "big" }, numbers),
  tarEntry({ name: "after" }, numbers.subarray(0, 70_000)),
  Buffer.alloc(4 * 2 ** 20),
]);

test("of a large file the ranges that are wanted are kept while it streams by", async () => {
  const contents = rangeReader([
    { offset: 199_990, length: 10 },
    { offset: 70_005, length: 5 },
  ]);
  const { entries } = await read(tarEntry({ name: "big" }, numbers), { contents });
  assert.deepEqual(entries[0]?.content, { kind: "text", text: "012345678956789" });
});

test("what needs more bytes is read in a second pass, as far as the last file that needs them", async () => {
  const contents = rangeReader([{ offset: 0, length: 5 }], [{ offset: 65_000, length: 3 }]);
  const readContent: ContentReader["readContent"] = (file, bytes) =>
    file.size > 65_000 ? contents.readContent(file, bytes) : { outcome: "read" };
  const { entries, unread } = await read(big, { contents: { ...contents, readContent } });
  assert.deepEqual(unread, []);
  const told = entries.map(({ path: name, content }) => [
    name,
    content?.kind === "text" && content.text,
  ]);
  assert.deepEqual(told, [
    ["before", false],
    ["big", "01234012"],
    ["after", "01234012"],
  ]);
});

test("what needs still more then is unread, and so is what would take too much memory", async () => {
  const never: ContentReader = {
    ...rangeReader([{ offset: 0, length: 5 }]),
    readContent: () => ({ outcome: "needs", ranges: [{ offset: 9, length: 1 }] }),
  };
  const twice = await read(tarEntry({ name: "a" }, numbers), { contents: never });
  assert.deepEqual(twice.unread, ["/a could not be read in two passes."]);
  assert.deepEqual(pathsOf(twice), ["a"]);
  const large = Buffer.alloc(33 * 2 ** 20);
  const contents = rangeReader([{ offset: 0, length: large.length }]);
  const much = await read(tarEntry({ name: "a" }, large), { contents });
  assert.deepEqual(much.unread, [
    `/a was not read: ${large.length} bytes of it would have to be kept.`,
  ]);
});

test("a layer that is another one the second time is LAYER_DAMAGED", async () => {
  const contents = rangeReader([{ offset: 0, length: 5 }], [{ offset: 65_000, length: 3 }]);
  const other = Buffer.from(big);
  other[5000] = 0;
  const layer = descriptorOf(mediaTypes.layer, big, digestOf(big));
  const bytes = [big, other];
  const source = {
    read: async () => big,
    open: () => sourceOf(new Map([[layer.digest, bytes.shift() ?? big]])).open(layer),
  };
  await assert.rejects(
    readLayer(layer, source, { signal, contents }),
    (error) => isFailure(error, "LAYER_DAMAGED") && /not the same/.test(error.message),
  );
});

test("symbols are kept in memory where there is no cache, and closing lets go of them", async () => {
  const program = elfFile({ imports: ["puts"], exports: ["main"] });
  const facts = await read(tarEntry({ name: "a" }, program));
  const [entry] = facts.entries;
  assert.ok(entry);
  const symbols = await facts.symbols(entry);
  assert.deepEqual(
    symbols?.imports.map(({ name }) => name),
    ["puts"],
  );
  assert.ok(provides(symbols.exports, "main"));
  assert.equal(
    await facts.symbols({
      ...entry,
      symbols: { shelf: { read: () => new Uint8Array(3), close: () => {} }, slice: 0 },
    }),
    undefined,
  );
  facts.close();
});

test("a layer of 20 GB of which ten bytes are there fails at once, by its size", async (t) => {
  const directory = await temporaryDirectory(t);
  const digest = digestOf("whatever");
  await mkdir(path.join(directory, "blobs", "sha256"), { recursive: true });
  await writeFile(path.join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(path.join(directory, "blobs", "sha256", hexOf(digest)), "ten bytes!");
  const layer = { mediaType: mediaTypes.layerGzip, digest, size: 20_000_000_000 };
  await assert.rejects(readLayer(layer, await openLayout(directory), { signal }), (error) =>
    isFailure(error, "STORE_BLOB_DAMAGED"),
  );
});

test("bytes that are no block of an archive are LAYER_DAMAGED, whatever they are", async () => {
  const zeros = Buffer.alloc(512);
  for (const bytes of [tarBlock({}).fill(0xff, 100, 108), Buffer.concat([zeros, tarBlock({})])]) {
    await assert.rejects(read(bytes), (error) => isFailure(error, "LAYER_DAMAGED"));
  }
});
