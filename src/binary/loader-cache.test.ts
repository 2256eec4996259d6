import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ElfWriter } from "../../test/elf/writer.ts";
import { type LoaderCache, type LoaderCacheEntry, readLoaderCache } from "./loader-cache.ts";

/** Names one after the other, from a place on. */
class Names {
  #bytes = Buffer.alloc(0);
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get end(): number {
    return this.#start + this.#bytes.byteLength;
  }

  place(name: string): number {
    const place = this.end;
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(`${name}\0`)]);
    return place;
  }
}

const entries: readonly LoaderCacheEntry[] = [
  { soname: "libz.so.1", path: "/lib/x86_64-linux-gnu/libz.so.1", flags: 0x303 },
  {
    soname: "libc.so.6",
    path: "/lib/glibc-hwcaps/x86-64-v3/libc.so.6",
    flags: 0x303,
    hwcap: "x86-64-v3",
  },
  { soname: "libc.so.6", path: "/lib/x86_64-linux-gnu/libc.so.6", flags: 0x303 },
  { soname: "libc.so.6", path: "/lib/tls/libc.so.6", flags: 0x303, isLegacy: true },
];
const plain = entries.filter(({ hwcap, isLegacy }) => hwcap === undefined && isLegacy !== true);

function read(bytes: Uint8Array): LoaderCache {
  const cache = readLoaderCache(bytes);
  assert.ok(typeof cache !== "string");
  return cache;
}

for (const littleEndian of [true, false]) {
  const order = littleEndian ? "little-endian" : "big-endian";
  test(`the new format is read (${order})`, () => {
    const bytes = newCache(entries, { littleEndian });
    assert.deepEqual(read(bytes), { entries, littleEndian });
  });

  test(`the new format of before 2.33, which does not tell its order, is read (${order})`, () => {
    const bytes = newCache(plain, { littleEndian, isOrderTold: false });
    assert.deepEqual(read(bytes), { entries: plain });
  });

  test(`the old format is read (${order})`, () => {
    assert.deepEqual(read(oldCache(plain, littleEndian)), { entries: plain });
  });

  test(`of the old format with the new one behind it the new one counts (${order})`, () => {
    const old = oldCache(plain.slice(0, 1), littleEndian, false);
    const start = Math.ceil(old.byteLength / 8) * 8;
    const room = Buffer.alloc(start - old.byteLength);
    const bytes = Buffer.concat([old, room, newCache(entries, { littleEndian, start })]);
    assert.deepEqual(read(bytes), { entries, littleEndian });
  });
}

const whole = newCache(entries, { littleEndian: true });
const damages: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["nothing", new Uint8Array(), /does not begin as/],
  ["its first bytes", whole.subarray(0, 30), /ends before its entries/],
  ["its first entry", whole.subarray(0, 70), /ends before its entries/],
  ["all but its names", whole.subarray(0, 48 + 24 * entries.length), /name in it has no end/],
  ["the mark of an invalid one", Uint8Array.from(whole).fill(1, 28, 29), /invalid/],
];

for (const [what, bytes, problem] of damages) {
  test(`${what} is no cache`, () => {
    const cache = readLoaderCache(bytes);
    assert.ok(typeof cache === "string");
    assert.match(cache, problem);
  });
}

test("changed bytes never throw", () => {
  const caches = [whole, newCache(entries, { littleEndian: false }), oldCache(plain, true)];
  fc.assert(
    fc.property(
      fc.nat(caches.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      (index, changes) => {
        const bytes = Uint8Array.from(caches[index] ?? []);
        for (const [place, value] of changes) bytes[place % bytes.byteLength] = value;
        const cache = readLoaderCache(bytes);
        assert.ok(typeof cache === "string" || Array.isArray(cache.entries));
      },
    ),
    { numRuns: 500 },
  );
});

const ownCache = "/etc/ld.so.cache";
const ldconfig = ["/sbin/ldconfig", "/usr/sbin/ldconfig"].find((file) => existsSync(file));
const skip = ldconfig === undefined || !existsSync(ownCache) ? "no ldconfig here" : false;

test("ldconfig prints the same of this machine's cache", { skip }, () => {
  const { stdout } = spawnSync(ldconfig ?? "", ["-p"], { encoding: "utf8" });
  const printed = Array.from(
    stdout.matchAll(/^\t(\S+) \((.*)\) => (.*)$/gm),
    ([, soname = "", , path = ""]) => ({ soname, path }),
  );
  const own = read(readFileSync(ownCache)).entries.map(({ soname, path }) => ({ soname, path }));
  assert.ok(own.length > 0);
  assert.deepEqual(own, printed);
});

interface NewCacheOptions {
  readonly littleEndian: boolean;
  readonly isOrderTold?: boolean;
  /** Where it begins in the file; its extensions count from the file's beginning. */
  readonly start?: number;
}

function newCache(
  list: readonly LoaderCacheEntry[],
  { littleEndian, isOrderTold = true, start = 0 }: NewCacheOptions,
): Buffer {
  const format = { bits: 32, littleEndian } as const;
  const hwcaps = [...new Set(list.flatMap(({ hwcap }) => hwcap ?? []))];
  const names = new Names(48 + list.length * 24);
  const rows = new ElfWriter(format);
  for (const { soname, path, flags, hwcap, isLegacy } of list) {
    const high = hwcap === undefined ? 0 : 0x40000000 + 3;
    const low = isLegacy === true ? 0x8000 : hwcaps.indexOf(hwcap ?? "");
    const words = [Math.max(low, 0), high];
    rows.int(flags, names.place(soname), names.place(path), 0);
    rows.int(...(littleEndian ? words : words.toReversed()));
  }
  const hwcapPlaces = hwcaps.map((name) => start + names.place(name));
  const extension = Math.ceil(names.end / 4) * 4;
  const order = littleEndian ? 2 : 3;
  const header = new ElfWriter(format)
    .bytes(Buffer.from("glibc-ld.so.cache1.1"))
    .int(list.length, names.end)
    .byte(isOrderTold ? order : 0, 0, 0, 0)
    .int(hwcaps.length === 0 ? 0 : start + extension, 0, 0, 0);
  const extensions = new ElfWriter(format)
    .int(0xeaa42174, 1, 1, 0, start + extension + 24, hwcaps.length * 4)
    .int(...hwcapPlaces);
  return Buffer.concat([
    header.bytes(rows.done()).bytes(names.bytes).align(4).done(),
    ...(hwcaps.length === 0 ? [] : [extensions.done()]),
  ]);
}

function oldCache(
  list: readonly LoaderCacheEntry[],
  littleEndian: boolean,
  hasNames = true,
): Buffer {
  const format = { bits: 32, littleEndian } as const;
  const names = new Names(0);
  const rows = new ElfWriter(format);
  for (const { soname, path, flags } of list) {
    rows.int(flags, names.place(soname), names.place(path));
  }
  return new ElfWriter(format)
    .bytes(Buffer.from("ld.so-1.7.0\0"))
    .int(list.length)
    .bytes(rows.done())
    .bytes(hasNames ? names.bytes : new Uint8Array())
    .done();
}
