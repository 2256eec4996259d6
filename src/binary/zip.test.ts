import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { elfFile } from "../../test/elf/elf-file.ts";
import { zipFile, type ZipFileMembers } from "../../test/zip/zip-file.ts";
import { readZip } from "./zip.ts";

const library = elfFile({ soname: "libfoo.so" });
const pathsOf = (bytes: Uint8Array) => readZip(bytes).members.map(({ path }) => path);

const jar: ZipFileMembers = {
  "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
  "META-INF/LICENSE": "Apache License",
  "org/example/Main.class": "\xca\xfe\xba\xbe",
  "linux/x86_64/libfoo.so": library,
  "linux/aarch64/libfoo.so.1.2": { content: library, isStored: true },
  "win32/foo.dll": "MZ",
  "darwin/libfoo.jnilib": "12345",
  "prebuilds/foo.node": library,
  "bin/tool": library,
  "bin/tool.txt": "a text",
};

for (const [what, bytes] of [
  ["a jar", zipFile(jar)],
  ["an archive with ZIP64's fields", zipFile(jar, { isWide: true })],
  ["an archive with a comment", zipFile(jar, { comment: "PK\x05\x06 is no end" })],
] as const) {
  test(`the members of ${what} that may be native are read`, () => {
    const { members, unread } = readZip(bytes);
    assert.deepEqual(
      members.map(({ path }) => path),
      [
        "linux/x86_64/libfoo.so",
        "linux/aarch64/libfoo.so.1.2",
        "darwin/libfoo.jnilib",
        "prebuilds/foo.node",
        "bin/tool",
      ],
    );
    assert.equal(unread, undefined);
    for (const { path, head, size } of members) {
      if (path.includes("jnilib")) continue;
      assert.equal(size, library.byteLength);
      assert.deepEqual(Buffer.from(head), Buffer.from(library));
    }
  });
}

test("of a large member only the beginning is unpacked", () => {
  const content = new Uint8Array(4 * 1024 * 1024);
  content.set(library);
  const [member] = readZip(zipFile({ "lib.so": content })).members;
  assert.equal(member?.size, content.byteLength);
  assert.equal(member.head.byteLength, 4096);
});

test("a jar in a war is read, and a jar in that jar is not", () => {
  const inner = zipFile({ "linux/libinner.so": library, "deep.jar": zipFile({ "x.so": library }) });
  const war = zipFile({
    "WEB-INF/lib/packed.jar": inner,
    "WEB-INF/lib/stored.jar": { content: inner, isStored: true },
    "libouter.so": library,
  });
  assert.deepEqual(pathsOf(war), [
    "libouter.so",
    "WEB-INF/lib/packed.jar!/linux/libinner.so",
    "WEB-INF/lib/stored.jar!/linux/libinner.so",
  ]);
});

const damages: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["without a directory", zipFile(jar).subarray(0, 200), /directory is missing/],
  [
    "of a way of packing that nobody knows",
    zipFile({ "a.so": { content: library, method: 99 } }),
    /packed in a way of its own \(99\)/,
  ],
  [
    "whose member lies nowhere",
    zipFile({ "a.so": { content: library, offset: 1_000_000 } }),
    /a\.so in it is damaged/,
  ],
  [
    "whose member is longer than it",
    zipFile({ "a.so": { content: library, packedSize: 1_000_000 } }),
    /a\.so in it is damaged/,
  ],
  [
    "whose member is no deflated stream",
    zipFile({ "a.so": { content: new Uint8Array(100).fill(255), isStored: true, method: 8 } }),
    /damaged/,
  ],
  [
    "with an inner archive that is none",
    zipFile({ "inner.jar": "not an archive at all" }),
    /inner\.jar!\/: its directory is missing/,
  ],
];

for (const [what, bytes, unread] of damages) {
  test(`an archive ${what} says what was not read`, () => {
    const reading = readZip(bytes);
    assert.deepEqual(reading.members, []);
    assert.match(reading.unread ?? "", unread);
  });
}

test("a member that unpacks to a thousand times its bytes costs no more than its beginning", () => {
  const bomb = new Uint8Array(20 * 1024 * 1024);
  const { members } = readZip(zipFile({ "bomb.so": bomb }));
  assert.equal(members[0]?.head.byteLength, 4096);
});

test("an inner archive that unpacks to more than is read is left, and said so", () => {
  const bomb = new Uint8Array(40 * 1024 * 1024);
  const { unread } = readZip(zipFile({ "bomb.jar": bomb }));
  assert.match(unread ?? "", /bomb\.jar in it is too large/);
});

test("ten thousand members of the same bytes are not all unpacked", () => {
  const members: Record<string, { content: Uint8Array; offset: number }> = {};
  for (let index = 0; index < 10_000; index += 1) {
    members[`lib${index}.so`] = {
      content: index === 0 ? new Uint8Array(1024 * 1024) : new Uint8Array(),
      offset: 0,
    };
  }
  const sized = Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name,
      { ...member, size: 4096, packedSize: 1000 },
    ]),
  );
  const { members: found, unread } = readZip(zipFile(sized));
  assert.ok(found.length < 5000);
  assert.ok(unread !== undefined);
});

test("changed and random bytes never throw", () => {
  const bytes = zipFile({ ...jar, "inner.jar": zipFile(jar) });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
      fc.nat(bytes.byteLength),
      (changes, length) => {
        const changed = Uint8Array.from(bytes);
        // From the end, where the directory is.
        for (const [place, value] of changes) {
          changed[changed.byteLength - 1 - (place % changed.byteLength)] = value;
        }
        readZip(changed);
        readZip(changed.subarray(length));
      },
    ),
    { numRuns: 200 },
  );
});
