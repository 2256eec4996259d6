import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { link, mkdir, open, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { extract, pack } from "tar-stream";
import { temporaryDirectory } from "../../../test/directory.ts";
import { paxHeader, paxRecord, tarBlock, tarEnd, tarEntry } from "../../../test/image/tar.ts";
import type { TarHeader } from "./header.ts";
import { TarWalker } from "./walker.ts";

interface Walked extends TarHeader {
  readonly content: Buffer;
}

/** All that an archive holds; its bytes come in pieces of the sizes given, one after the other and round again. */
function walk(archive: Uint8Array, sizes: readonly number[] = [archive.length || 1]): Walked[] {
  const found: (TarHeader & { content: Buffer })[] = [];
  const walker = new TarWalker({
    entry: (header) => {
      found.push({ ...header, content: Buffer.alloc(0) });
      return true;
    },
    data: (bytes) => {
      const last = found.at(-1);
      if (last !== undefined) last.content = Buffer.concat([last.content, bytes]);
      return true;
    },
    end: () => {},
  });
  for (let at = 0, n = 0; at < archive.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    walker.push(Buffer.from(archive.subarray(at, at + size)));
    at += size;
  }
  walker.end();
  return found;
}

const names = (archive: Uint8Array) => walk(archive).map(({ name }) => name);

test("bytes that were not taken are told again when the walk goes on", () => {
  const told: string[] = [];
  let isReady = false;
  const walker = new TarWalker({
    entry: () => true,
    data(bytes) {
      told.push(`${isReady ? "taken" : "refused"} ${bytes.toString()}`);
      return isReady;
    },
    end: () => told.push("end"),
  });
  const archive = Buffer.concat([tarEntry({ name: "app" }, "hello"), tarEnd]);
  const at = walker.push(archive);
  assert.deepEqual([at, walker.push(archive, at)], [512, 512]);
  isReady = true;
  assert.equal(walker.push(archive, at), archive.length);
  walker.end();
  assert.deepEqual(told, ["refused hello", "refused hello", "taken hello", "end"]);
});

test("a header is told as it stands, whatever pieces the bytes come in", () => {
  const archive = Buffer.concat([
    tarEntry({ name: "bin/app", mode: 0o4755 }, "hello"),
    tarEntry({ name: "bin/", type: "5", mode: 0o755 }),
    tarEntry({ name: "bin/also", type: "1", linkName: "bin/app" }),
    tarEntry({ name: "sbin", type: "2", linkName: "bin" }),
    tarEnd,
  ]);
  for (const sizes of [[archive.length], [1], [511], [512], [513], [1000, 3]]) {
    const [app, directory, hard, symbolic] = walk(archive, sizes);
    assert.deepEqual([app?.name, app?.mode, app?.size], ["bin/app", 0o4755, 5]);
    assert.equal(app?.content.toString(), "hello");
    assert.deepEqual([directory?.name, directory?.type], ["bin/", "5"]);
    assert.deepEqual([hard?.type, hard?.linkName], ["1", "bin/app"]);
    assert.deepEqual([symbolic?.type, symbolic?.linkName], ["2", "bin"]);
  }
});

test("names and numbers that no field holds come from extended headers, GNU's and pax", () => {
  const long = "d/".repeat(120);
  const capability = Uint8Array.of(1, 0, 0, 2, 0, 0x0a, 0, 0, 0xff);
  const archive = Buffer.concat([
    tarEntry({ name: "././@LongLink", type: "L" }, `${long}gnu\0`),
    tarEntry({ name: "././@LongLink", type: "K" }, `${long}to\0`),
    tarEntry({ name: "cut", type: "2", linkName: "cut" }),
    paxHeader({
      path: `${long}pax`,
      uid: "4000000000",
      gid: "5",
      size: "3",
      "SCHILY.xattr.security.capability": capability,
    }),
    tarEntry({ name: "cut", size: 0 }),
    Buffer.from("abc".padEnd(512, "\0")),
    tarEntry({ name: "after" }),
    tarEnd,
  ]);
  const [gnu, pax, after] = walk(archive);
  assert.deepEqual([gnu?.name, gnu?.linkName], [`${long}gnu`, `${long}to`]);
  assert.deepEqual([pax?.name, pax?.uid, pax?.gid], [`${long}pax`, 4_000_000_000, 5]);
  assert.equal(pax?.content.toString(), "abc");
  assert.equal(pax?.hasCapabilities, true);
  assert.deepEqual([after?.name, after?.hasCapabilities, after?.uid], ["after", false, 0]);
});

test("a global header changes nothing of the files behind it, as in Go", () => {
  const archive = Buffer.concat([
    paxHeader({ path: "all" }, "g"),
    tarEntry({ name: "own" }),
    tarEnd,
  ]);
  assert.deepEqual(names(archive), ["own"]);
});

const binary = (...bytes: number[]) => Uint8Array.from(bytes);
const fields: readonly (readonly [string, Parameters<typeof tarBlock>[0], Partial<TarHeader>])[] = [
  ["a prefix", { name: "b", raw: { 345: "a/a" } }, { name: "a/a/b" }],
  [
    "no prefix in GNU's format",
    { name: "b", magic: "ustar  \0", raw: { 345: "00000000001" } },
    { name: "b" },
  ],
  [
    "a prefix that Go before 1.8 put there",
    { name: "b", magic: "ustar  \0", raw: { 345: "a" } },
    { name: "a/b" },
  ],
  ["a name of all its 100 bytes", { name: "n".repeat(100) }, { name: "n".repeat(100) }],
  [
    "base 256",
    { raw: { 108: binary(0x80, 0, 0, 0, 0xee, 0x6b, 0x28, 0) } },
    { uid: 4_000_000_000 },
  ],
  [
    "a negative number of base 256",
    { raw: { 116: binary(...Array.from({ length: 8 }, () => 255)) } },
    { gid: -1 },
  ],
  ["spaces around a number", { raw: { 100: "  755 \0\0" } }, { mode: 0o755 }],
  ["signed checksums", { name: "ä", signed: true }, { name: "ä" }],
  ["the v7 format", { name: "d/", type: "\0", magic: "\0" }, { name: "d/", type: "5" }],
  ["a file of the v7 format", { name: "f", type: "\0", magic: "\0" }, { name: "f", type: "0" }],
  ["a directory that claims bytes", { name: "d", type: "5", size: 9 }, { stored: 0 }],
];
for (const [what, block, expected] of fields) {
  test(`a header is read with ${what}`, () => {
    const [header, more] = walk(Buffer.concat([tarBlock(block), tarEnd]));
    assert.deepEqual({ ...header, ...expected }, header);
    assert.equal(more, undefined);
  });
}

test("names that are no UTF-8 stay apart from each other", () => {
  const archive = Buffer.concat(
    ["61ff", "61fe", "c3a4ff", "e4b8ad", "ed"].map((hex) =>
      tarEntry({ raw: { 0: Buffer.from(hex, "hex") } }),
    ),
  );
  assert.deepEqual(names(archive), ["a\udcff", "a\udcfe", "ä\udcff", "中", "\udced"]);
});

/** What the old format adds to a header: one piece of the map, whether more of it follows, the real size. */
const gnu = (more: string) => ({
  386: "00000000000\x0000000000005\0",
  482: more,
  483: "00000010000",
});

test("the bytes of sparse files are passed over, and their real size is told", () => {
  const archive = Buffer.concat([
    tarEntry({ name: "old", type: "S", magic: "ustar  \0", raw: gnu("\0") }, "stuff"),
    tarBlock({ name: "extended", type: "S", size: 5, magic: "ustar  \0", raw: gnu("\x01") }),
    Buffer.alloc(512),
    Buffer.from("stuff".padEnd(512, "\0")),
    paxHeader({
      "GNU.sparse.major": "1",
      "GNU.sparse.minor": "0",
      "GNU.sparse.name": "one",
      "GNU.sparse.realsize": "4096",
    }),
    tarEntry({ name: "GNUSparseFile.0/one" }, "1\n0\n5\n".padEnd(512, "\0") + "stuff"),
    paxHeader({
      "GNU.sparse.size": "4096",
      "GNU.sparse.numblocks": "1",
      "GNU.sparse.offset": "0",
      "GNU.sparse.numbytes": "5",
    }),
    tarEntry({ name: "zero" }, "stuff"),
    tarEntry({ name: "after" }, "x"),
    tarEnd,
  ]);
  assert.deepEqual(
    walk(archive).map(({ name, size, isSparse }) => [name, size, isSparse]),
    [
      ["old", 4096, true],
      ["extended", 4096, true],
      ["one", 4096, true],
      ["zero", 4096, true],
      ["after", 1, false],
    ],
  );
});

const file = tarEntry({ name: "a" }, "content");
const ends: Readonly<Record<string, Uint8Array>> = {
  "after two blocks of zeros": Buffer.concat([file, tarEnd]),
  "after more zeros": Buffer.concat([file, Buffer.alloc(10_240)]),
  "before anything else": Buffer.concat([file, tarEnd, Buffer.from("anything else, no archive")]),
  "after one block of zeros": Buffer.concat([file, Buffer.alloc(512)]),
  "between two files": file,
  "in the padding of the last file": file.subarray(0, 512 + 100),
  "after an extended header": Buffer.concat([file, paxHeader({ path: "b" })]),
};
for (const [where, archive] of Object.entries(ends)) {
  test(`an archive may end ${where}, as in Go`, () => {
    assert.deepEqual(names(archive), ["a"]);
  });
}

test("an archive of nothing has no files", () => {
  assert.deepEqual([...walk(tarEnd), ...walk(new Uint8Array())], []);
});

const meta = (size: number, type: string) => tarBlock({ type, size });
const damages: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "a header cut short": [file.subarray(0, 300), /ends within a header/],
  "a file cut short": [file.subarray(0, 515), /ends within a file/],
  "an extended header cut short": [
    paxHeader({ path: "b" }).subarray(0, 520),
    /ends within a header/,
  ],
  "a map cut short": [
    tarBlock({ type: "S", magic: "ustar  \0", raw: { 482: "\x01" } }),
    /within a header/,
  ],
  "a wrong checksum": [Buffer.from(file).fill(1, 0, 1), /checksum/],
  "a file behind one block of zeros": [Buffer.concat([Buffer.alloc(512), file]), /block of zeros/],
  "a size that is no number": [tarBlock({ raw: { 124: "12x" } }), /not octal/],
  "a size beyond all numbers": [tarBlock({ raw: { 124: Buffer.alloc(12, 0xbf) } }), /too large/],
  "a negative size": [tarBlock({ raw: { 124: Buffer.alloc(12, 0xff) } }), /negative size/],
  "a NUL in a name": [Buffer.concat([paxHeader({ path: "a\0b" }), file]), /NUL/],
  "a record of a wrong length": [tarEntry({ type: "x" }, "99 path=a\n"), /wrong length/],
  "a record without a keyword": [tarEntry({ type: "x" }, "6 =ab\n"), /no keyword/],
  "a record without a value": [tarEntry({ type: "x" }, "7 path\n"), /no keyword/],
  "a size in words": [Buffer.concat([paxHeader({ size: "ten" }), file]), /number/],
  "a name of a megabyte and more": [meta(2 ** 20 + 1, "L"), /1 MiB/],
  "an extended header of gigabytes": [meta(2 ** 32, "x"), /1 MiB/],
  "a sparse file of no format": [tarBlock({ type: "S" }), /GNU/],
};
for (const [what, [archive, problem]] of Object.entries(damages)) {
  test(`${what} is damage`, () => {
    assert.throws(() => walk(archive), { name: "TarError", message: problem });
  });
}

test("a map of a sparse file that has no end is damage", () => {
  const header = tarBlock({ type: "S", magic: "ustar  \0", raw: { 482: "\x01" } });
  const block = Buffer.alloc(512, 1);
  assert.throws(() => walk(Buffer.concat([header, ...Array.from({ length: 2049 }, () => block)])), {
    message: /more than 1 MiB/,
  });
});

test("a record counts its own length", () => {
  for (const length of [1, 90, 91, 92, 988, 990]) {
    const record = paxRecord("path", "p".repeat(length));
    assert.equal(record.length, Number.parseInt(record.toString(), 10));
  }
});

// What tar-stream writes and reads of the same is the oracle, as far as it goes.
const segment = fc.stringMatching(/^[a-zäß0-9._-]{1,30}$/);
const entry = fc.record({
  name: fc.array(segment, { minLength: 1, maxLength: 12 }).map((parts) => parts.join("/")),
  type: fc.constantFrom(
    ...(["file", "directory", "symlink", "link", "fifo", "character-device"] as const),
  ),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0o777777 }),
  gid: fc.integer({ min: 0, max: 0o777777 }),
  linkname: segment,
  content: fc.uint8Array({ maxLength: 3000 }),
} satisfies Record<string, fc.Arbitrary<unknown>>);

type RandomEntry = typeof entry extends fc.Arbitrary<infer Type> ? Type : never;

const flags: Readonly<Record<string, string>> = {
  file: "0",
  link: "1",
  symlink: "2",
  "character-device": "3",
  directory: "5",
  fifo: "6",
};

async function packed(entries: readonly RandomEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, linkname, type, ...rest } of entries) {
    const isLink = type === "symlink" || type === "link";
    const header = { ...rest, type, ...(isLink ? { linkname } : {}) };
    archive.entry(header, type === "file" ? Buffer.from(content) : Buffer.alloc(0));
  }
  archive.finalize();
  return await buffer(archive);
}

test("random archives read as tar-stream reads them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 }),
      async (entries, sizes) => {
        const archive = await packed(entries);
        assert.deepEqual(walk(archive, sizes).map(comparable), await readByTarStream(archive));
      },
    ),
    { numRuns: 60 },
  );
});

function comparable({ name, type, mode, uid, gid, size, linkName, content }: Walked) {
  const isLink = type === "1" || type === "2";
  return {
    name: name.replace(/\/$/, ""),
    type,
    mode: mode & 0o7777,
    uid,
    gid,
    size: type === "0" ? size : 0,
    linkName: isLink ? linkName : "",
    content: content.toString("hex"),
  };
}

async function readByTarStream(archive: Buffer) {
  const read = extract();
  read.end(archive);
  const found: ReturnType<typeof comparable>[] = [];
  for await (const stream of read) {
    const { header } = stream;
    const content = await buffer(stream);
    found.push({
      name: header.name.replace(/\/$/, ""),
      type: flags[header.type ?? "file"] ?? "?",
      mode: header.mode ?? 0,
      uid: header.uid ?? 0,
      gid: header.gid ?? 0,
      size: header.type === "file" ? (header.size ?? 0) : 0,
      linkName: header.linkname ?? "",
      content: content.toString("hex"),
    });
  }
  return found;
}

const run = promisify(execFile);

/** Files of every kind, as GNU tar will find them. */
async function tree(t: TestContext): Promise<string> {
  const root = await temporaryDirectory(t);
  const deep = path.join(
    root,
    ...Array.from({ length: 9 }, (_, n) => `${n}-directory-of-some-length`),
  );
  await mkdir(deep, { recursive: true });
  await writeFile(path.join(root, "app"), Buffer.alloc(70_000, "app"), { mode: 0o755 });
  await writeFile(path.join(deep, "n".repeat(120)), "long");
  await writeFile(path.join(root, "naïve"), "utf-8");
  await link(path.join(root, "app"), path.join(root, "hard"));
  await symlink("app", path.join(root, "soft"));
  await symlink("x".repeat(200), path.join(root, "far"));
  const sparse = await open(path.join(root, "sparse"), "w");
  await sparse.write("head", 0);
  await sparse.write("tail", 400_000);
  await sparse.close();
  return root;
}

for (const format of ["v7", "ustar", "oldgnu", "gnu", "posix"]) {
  test(`an archive of GNU tar in its format ${format} reads as tar-stream reads it`, async (t) => {
    const root = await tree(t);
    // These two have no way to write long names.
    const isShort = format === "v7" || format === "ustar";
    const given = isShort ? ["app", "hard", "soft", "naïve"] : ["."];
    const archive = path.join(await temporaryDirectory(t), "archive.tar");
    await run("tar", ["--sort=name", `--format=${format}`, "-C", root, "-cf", archive, ...given]);
    const bytes = await readFile(archive);
    // The v7 format is "unknown" to tar-stream.
    const expected = format === "v7" ? undefined : await readByTarStream(bytes);
    const found = walk(bytes, [4096, 10]).map(comparable);
    if (expected !== undefined) assert.deepEqual(found, expected);
    else
      assert.deepEqual(
        found.map(({ name, type, linkName }) => [name, type, linkName]),
        [
          ["app", "0", ""],
          ["hard", "1", "app"],
          ["soft", "2", "app"],
          ["naïve", "0", ""],
        ],
      );
  });
}

for (const options of [["gnu"], ["posix", "0.0"], ["posix", "0.1"], ["posix", "1.0"]]) {
  const [format = "", version] = options;
  test(`a sparse file of GNU tar has its real size in the format ${options.join(" ")}`, async (t) => {
    const root = await tree(t);
    const archive = path.join(await temporaryDirectory(t), "archive.tar");
    const how = version === undefined ? [] : [`--sparse-version=${version}`];
    await run("tar", [
      "-S",
      ...how,
      `--format=${format}`,
      "-C",
      root,
      "-cf",
      archive,
      "sparse",
      "app",
    ]);
    const found = walk(await readFile(archive)).map(({ name, size, isSparse }) => [
      name,
      size,
      isSparse,
    ]);
    assert.deepEqual(found, [
      ["sparse", 400_004, true],
      ["app", 70_000, false],
    ]);
  });
}

test("no bytes make the walker do anything else than tell files or say what is wrong", () => {
  const parts = [
    file,
    tarEnd,
    paxHeader({ path: "b", size: "7" }),
    tarBlock({ type: "S", magic: "ustar  \0" }),
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.integer({ min: 1, max: 3000 }),
      (blocks, changes, size) => {
        const archive = Buffer.concat(blocks);
        for (const [at, byte] of changes) archive[at % archive.length] = byte;
        try {
          for (const { name } of walk(archive, [size])) assert.equal(typeof name, "string");
        } catch (error) {
          assert.ok(error instanceof Error);
          assert.equal(error.name, "TarError");
        }
      },
    ),
    { numRuns: 500 },
  );
});
