import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { temporaryDirectory } from "../../test/directory.ts";
import { elf, sourceOf } from "../../test/image/image.ts";
import { paxHeader, tarEnd, tarEntry } from "../../test/image/tar.ts";
import { isFailure } from "../errors.ts";
import { digestOf, hexOf } from "../oci/digest.ts";
import { descriptorOf, mediaTypes } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { factsFiles, type FactsOptions, gatherFacts, layerFacts } from "./cache.ts";
import { type ContentReader, contentReader } from "./contents.ts";
import type { LayerFacts } from "./layer.ts";
import { memoryBudget } from "./limits.ts";

const { signal } = new AbortController();

const archive = Buffer.concat([
  tarEntry({ name: "usr/", type: "5", mode: 0o755 }),
  tarEntry({ name: "usr/bin/app", mode: 0o4755 }, Buffer.concat([elf(62), Buffer.alloc(5000, 7)])),
  tarEntry({ name: "usr/bin/run", mode: 0o755 }, Buffer.from("#!/bin/sh\n# \u00ff\n", "latin1")),
  paxHeader({ uid: "4000000000", "SCHILY.xattr.security.capability": Uint8Array.of(1) }),
  tarEntry({ name: "usr/bin/ping", mode: 0o755 }, "xyz?"),
  tarEntry({ name: "bin", type: "2", linkName: "usr/bin" }),
  tarEntry({ name: "also", type: "1", linkName: "usr/bin/app" }),
  tarEntry({ raw: { 0: Buffer.from("61fffe", "hex") } }),
  tarEntry({ name: "odd", type: "7" }),
  tarEnd,
]);
const layer = descriptorOf(mediaTypes.layer, archive, digestOf(archive));

const none = new Float64Array();
const noExports = { open: none, versioned: none, plain: none, oldest: none, hasVersions: true };

/** Symbols for every ELF file, whatever is in it: each other ones. */
let nextSymbol = 0;
const contents: ContentReader = {
  ...contentReader,
  readContent(file, bytes) {
    const reading = contentReader.readContent(file, bytes);
    if (reading.outcome === "needs" || !file.path.endsWith("app")) return reading;
    nextSymbol += 1;
    return { ...reading, symbols: [Buffer.from(`symbol ${nextSymbol}`)] };
  },
  decodeSymbols: (bytes) => ({
    imports: [{ name: Buffer.from(bytes).toString(), isWeak: false, isEager: true }],
    exports: noExports,
  }),
};

/** A source that counts how often the layer was read. */
function countedSource(): ContentSource & { count(): number } {
  const source = sourceOf(new Map([[layer.digest, archive]]));
  let reads = 0;
  return {
    read: async (one) => await source.read(one),
    open(one) {
      reads += 1;
      return source.open(one);
    },
    count: () => reads,
  };
}

/** A cache of one layer, empty. */
async function cacheOf(t: TestContext, options: Partial<FactsOptions> = {}) {
  const directory = path.join(await temporaryDirectory(t), "cache", "facts");
  const source = countedSource();
  const facts = async () => {
    const found = await layerFacts(layer, { source, directory, signal, contents, ...options });
    t.after(() => found.close());
    return found;
  };
  return {
    directory,
    facts,
    reads: () => source.count(),
    file: path.join(directory, `${hexOf(layer.digest)}.facts`),
  };
}

/** What can be compared: without the places of symbols. */
function plain({ diffId, bytes, entries, unread, isWhole }: LayerFacts) {
  const told: unknown = JSON.parse(
    JSON.stringify(entries, (key, value: unknown) => (key === "symbols" ? undefined : value)),
  );
  return { diffId, bytes, unread, isWhole, told };
}

/** Of each entry that has symbols, the one name that it imports. */
async function symbolsOf(facts: LayerFacts) {
  const all = await Promise.all(facts.entries.map(async (entry) => await facts.symbols(entry)));
  return all.flatMap((one) => (one?.imports ?? []).map(({ name }) => name));
}

test("facts are kept, all of them, and the layer is not read again", async (t) => {
  const { facts, reads, directory, file } = await cacheOf(t);
  const [first, second] = [await facts(), await facts()];
  assert.equal(reads(), 1);
  assert.deepEqual(plain(second), plain(first));
  assert.deepEqual(await symbolsOf(second), await symbolsOf(first));
  assert.equal((await symbolsOf(second)).length, 1);
  const [, app, run, ping, , also, bytes] = second.entries;
  assert.ok(app?.content?.kind.endsWith("elf") && run?.content?.kind === "script");
  assert.equal(Buffer.from(run.content.head).toString("latin1"), "#!/bin/sh\n# \u00ff\n");
  assert.deepEqual([ping?.uid, ping?.hasCapabilities], [4_000_000_000, true]);
  assert.deepEqual([also?.target, bytes?.path], ["usr/bin/app", "a\udcff\udcfe"]);
  assert.deepEqual(await readdir(directory), [path.basename(file)]);
});

test("contents that do not fit into the index are held against their checksum, before any of them is believed", async (t) => {
  const directory = await temporaryDirectory(t);
  const script = Buffer.from(`#!/bin/${"sh".repeat(120)}\n`);
  const many = Array.from({ length: 400 }, (_, n) =>
    tarEntry({ name: `bin/${n}`, mode: 0o755 }, script),
  );
  const bytes = Buffer.concat([...many, tarEnd]);
  const scripts = descriptorOf(mediaTypes.layer, bytes, digestOf(bytes));
  const source = sourceOf(new Map([[scripts.digest, bytes]]));
  const facts = async () => await layerFacts(scripts, { source, directory, signal });
  const first = await facts();
  assert.equal(first.entries.at(-1)?.content?.kind, "script");
  first.close();
  const file = path.join(directory, `${hexOf(scripts.digest)}.facts`);
  const whole = await readFile(file);
  const at = whole.indexOf("shsh");
  // The block stands before the index, behind the header.
  assert.ok(at > 0 && at < 200);
  await writeFile(file, poisoned(whole, { at, xor: 1 }));
  const second = await facts();
  assert.deepEqual(plain(second), plain(first));
  assert.deepEqual(await readFile(file), whole);
  second.close();
});

test("a file that is cut or changed anywhere is noticed, and replaced", async (t) => {
  const { facts, reads, file } = await cacheOf(t);
  const first = await facts();
  const names = await symbolsOf(first);
  const whole = await readFile(file);
  const change = fc.oneof(
    fc.record({ at: fc.nat(whole.length - 1), xor: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ length: fc.nat(whole.length - 1) }),
    fc.record({ more: fc.uint8Array({ minLength: 1, maxLength: 50 }) }),
  );
  await fc.assert(
    fc.asyncProperty(change, async (how) => {
      await writeFile(file, poisoned(whole, how));
      const before = reads();
      const found = await facts();
      assert.deepEqual(plain(found), plain(first));
      // The symbols have checksums of their own: what was changed there is missing, never another symbol.
      const isAnew = reads() > before;
      const told = await symbolsOf(found);
      assert.ok(isAnew ? told.length === 1 : told.every((name) => names.includes(name)));
    }),
    { numRuns: 120 },
  );
});

test("a file whose symbols were changed goes when that is noticed", async (t) => {
  const { facts, reads, file } = await cacheOf(t);
  await facts();
  const changed = await readFile(file);
  const [first] = changed.subarray(72);
  changed[72] = (first ?? 0) ^ 1;
  await writeFile(file, changed);
  const found = await facts();
  assert.equal(reads(), 1);
  assert.deepEqual(await symbolsOf(found), []);
  assert.equal((await symbolsOf(await facts())).length, 1);
  assert.equal(reads(), 2);
});

type Change =
  | { readonly at: number; readonly xor: number }
  | { readonly length: number }
  | { readonly more: Uint8Array };

function poisoned(whole: Buffer, how: Change): Buffer {
  if ("length" in how) return Buffer.from(whole.subarray(0, how.length));
  if ("more" in how) return Buffer.concat([whole, how.more]);
  const changed = Buffer.from(whole);
  changed[how.at] = (changed[how.at] ?? 0) ^ how.xor;
  return changed;
}

test("facts of another layer under this one's name are not believed", async (t) => {
  const { facts, reads, directory, file } = await cacheOf(t);
  const other = tarEntry({ name: "other" });
  const stranger = descriptorOf(mediaTypes.layer, other, digestOf(other));
  const source = sourceOf(new Map([[stranger.digest, other]]));
  (await layerFacts(stranger, { source, directory, signal })).close();
  await rename(path.join(directory, `${hexOf(stranger.digest)}.facts`), file);
  assert.equal((await facts()).entries.length, 8);
  assert.equal(reads(), 1);
});

test("a file that somebody else may have written is not believed", async (t) => {
  const { facts, reads, file } = await cacheOf(t);
  await facts();
  for (const mode of [0o620, 0o602]) {
    await chmod(file, mode);
    await facts();
  }
  assert.equal(reads(), 3);
  await facts();
  assert.equal(reads(), 3);
});

test("a link in a file's place is replaced, a directory is left, and both cost time alone", async (t) => {
  const { facts, reads, file } = await cacheOf(t);
  const first = await facts();
  await rename(file, `${file}.elsewhere`);
  await symlink(`${file}.elsewhere`, file);
  assert.deepEqual(plain(await facts()), plain(first));
  assert.deepEqual(plain(await facts()), plain(first));
  assert.equal(reads(), 2);
  await rename(file, `${file}.again`);
  await mkdir(path.join(file, "something"), { recursive: true });
  assert.deepEqual(plain(await facts()), plain(first));
  assert.equal(reads(), 3);
});

test("where nothing can be written the facts are told all the same, their symbols from memory", async (t) => {
  const { facts, reads, directory } = await cacheOf(t);
  await mkdir(path.dirname(directory), { recursive: true });
  await writeFile(directory, "a file in the directory's place");
  assert.equal((await symbolsOf(await facts())).length, 1);
  assert.equal((await symbolsOf(await facts())).length, 1);
  assert.equal(reads(), 2);
});

test("a blob's file that has changed since is read again", async (t) => {
  const blob = path.join(await temporaryDirectory(t), "blob");
  await writeFile(blob, archive);
  const { facts, reads } = await cacheOf(t, { file: blob });
  await facts();
  await facts();
  assert.equal(reads(), 1);
  await writeFile(blob, "other");
  await facts();
  assert.equal(reads(), 2);
});

test("a damaged layer leaves nothing in the cache", async (t) => {
  const { directory } = await cacheOf(t);
  const source = sourceOf(new Map([[layer.digest, archive.subarray(0, 900)]]));
  await assert.rejects(layerFacts(layer, { source, directory, signal }), (error) =>
    isFailure(error, "LAYER_DAMAGED"),
  );
  assert.deepEqual(await readdir(directory), []);
});

test("an interrupt at any moment leaves nothing in the cache, and throws its reason", async (t) => {
  const { directory } = await cacheOf(t);
  const reason = new Error("interrupted");
  await fc.assert(
    fc.asyncProperty(fc.nat(Math.ceil(archive.length / 700)), async (last) => {
      const controller = new AbortController();
      // The signal comes while one of the chunks is read.
      const source: ContentSource = {
        read: async () => archive,
        open: () =>
          Readable.from(
            pieces(last, () => controller.abort(reason)),
            { objectMode: false },
          ),
      };
      const options = { source, directory, signal: controller.signal };
      await assert.rejects(layerFacts(layer, options), (error) => error === reason);
      assert.deepEqual(await readdir(directory), []);
    }),
    { numRuns: 20 },
  );
});

function* pieces(last: number, then: () => void): Generator<Uint8Array> {
  for (let n = 0; n * 700 < archive.length; n++) {
    if (n === last) then();
    yield new Uint8Array(archive.subarray(n * 700, (n + 1) * 700));
  }
  if (last * 700 >= archive.length) then();
}

test("runs at the same time do not disturb each other", async (t) => {
  const { facts, directory } = await cacheOf(t);
  const all = await Promise.all(Array.from({ length: 6 }, facts));
  for (const one of all) {
    assert.deepEqual(plain(one), plain(all[0] ?? one));
    assert.equal((await symbolsOf(one)).length, 1);
  }
  assert.equal((await readdir(directory)).length, 1);
});

test("what was gathered into the cache takes no memory until it is asked for", async (t) => {
  const directory = path.join(await temporaryDirectory(t), "facts");
  const source = countedSource();
  const budget = memoryBudget(8);
  const options = { source, directory, signal, contents, budget };
  assert.equal(await gatherFacts(layer, options), "kept");
  const facts = await layerFacts(layer, options);
  assert.deepEqual([facts.entries.length, facts.isWhole, source.count()], [8, true, 1]);
  const again = await gatherFacts(layer, { ...options, budget: memoryBudget() });
  assert.notEqual(again, "kept", "what the cache has already is not read into it again");
  for (const one of [facts, again]) if (one !== "kept") one.close();
});

test("facts that were cut for want of memory are not kept", async (t) => {
  const { facts, directory } = await cacheOf(t, { budget: memoryBudget(2) });
  assert.equal((await facts()).isWhole, false);
  assert.deepEqual(await readdir(directory), []);
});

test("facts that are kept, and too many for the image, are left out and said", async (t) => {
  const { facts, directory } = await cacheOf(t);
  await facts();
  const known = await layerFacts(layer, {
    source: countedSource(),
    directory,
    signal,
    budget: memoryBudget(7),
  });
  assert.deepEqual([known.entries, known.isWhole], [[], false]);
  assert.match(known.unread.join(), /more paths than are kept/);
  known.close();
});

test("the files of the cache are told with their layer, also what was never finished", async (t) => {
  const { facts, directory, file } = await cacheOf(t);
  assert.deepEqual(await factsFiles(directory), []);
  await facts();
  await writeFile(path.join(directory, `${"a".repeat(64)}.123.0f0f.tmp`), "begun");
  await writeFile(path.join(directory, "something else"), "");
  const files = await factsFiles(directory);
  const told = files.map(({ digest, path: where, isTemporary }) => [
    digest,
    path.basename(where),
    isTemporary,
  ]);
  assert.deepEqual(
    told.toSorted((one, other) => String(one[0]).localeCompare(String(other[0]))),
    [
      [layer.digest, path.basename(file), false],
      [`sha256:${"a".repeat(64)}`, `${"a".repeat(64)}.123.0f0f.tmp`, true],
    ].toSorted((one, other) => String(one[0]).localeCompare(String(other[0]))),
  );
  assert.ok(files.every(({ bytes, modified }) => bytes > 0 && modified instanceof Date));
});
