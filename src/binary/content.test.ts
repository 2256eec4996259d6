import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { elfFile } from "../../test/elf/elf-file.ts";
import { zipFile } from "../../test/zip/zip-file.ts";
import { type FileBytes, partialFile, wholeFile } from "./bytes.ts";
import { decodeSymbolTables } from "./elf/symbol-codec.ts";
import { symbolsOf } from "./elf/symbol-entries.ts";
import { type Content, headBytes, readContent, wantedBytes, type WantedBytes } from "./content.ts";

interface TestFile {
  readonly path?: string;
  readonly mode?: number;
  /** Zeros up to this size follow the bytes. */
  readonly size?: number;
}

function fileOf(bytes: Uint8Array, { path = "usr/bin/app", mode = 0o755, size }: TestFile = {}) {
  return { path, mode, size: size ?? bytes.byteLength };
}

function wanted(bytes: Uint8Array, options?: TestFile): WantedBytes {
  return wantedBytes(fileOf(bytes, options), bytes.subarray(0, headBytes));
}

/** Reads a file of which no more is kept than is wanted. */
function read(bytes: Uint8Array, options?: TestFile): Content | undefined {
  const want = wanted(bytes, options);
  const reading = readContent(fileOf(bytes, options), kept(bytes, want));
  assert.equal(reading.outcome, "read");
  return reading.content;
}

function kept(bytes: Uint8Array, want: WantedBytes): FileBytes {
  switch (want.kind) {
    case "whole":
      return wholeFile(bytes);
    case "ranges":
      return partialFile(
        bytes.byteLength,
        want.ranges.map(({ offset, length }) => {
          return { offset, bytes: bytes.subarray(offset, offset + length) };
        }),
      );
    case "head":
    case "nothing":
      return partialFile(bytes.byteLength, [{ offset: 0, bytes: bytes.subarray(0, headBytes) }]);
  }
}

const text = (content: string) => Buffer.from(content);
const data = { mode: 0o644 };

test("an ELF file is kept whole, whatever its mode and path, and a big one in ranges", () => {
  const elf = elfFile({ needed: ["libc.so.6"] });
  assert.deepEqual(wanted(elf, { path: "opt/data.bin", ...data }), { kind: "whole" });
  assert.equal(wanted(elf, { size: 17 * 1024 * 1024 }).kind, "ranges");
  const content = read(elf, { path: "opt/data.bin", ...data });
  assert.equal(content?.kind, "elf");
  assert.deepEqual(content.elf.dynamic?.needed, ["libc.so.6"]);
});

test("the symbols of an ELF file come beside its content", () => {
  const elf = elfFile({ imports: ["foo"] });
  const reading = readContent(fileOf(elf), wholeFile(elf));
  assert.equal(reading.outcome, "read");
  assert.ok(reading.symbols);
  assert.equal(
    symbolsOf(decodeSymbolTables(Buffer.concat(reading.symbols)))?.imports[0]?.name,
    "foo",
  );
});

function fingerprintOf(bytes: Uint8Array): string | undefined {
  const content = read(bytes);
  return content?.kind === "elf" ? content.fingerprint : undefined;
}

test("an ELF file without a build id has a fingerprint", () => {
  const [one, other] = [elfFile(), elfFile({ code: Uint8Array.of(1, 2, 3) })];
  assert.match(fingerprintOf(one) ?? "", /^[0-9a-f]{32}$/);
  assert.equal(fingerprintOf(one), fingerprintOf(Uint8Array.from(one)));
  assert.notEqual(fingerprintOf(one), fingerprintOf(other));
  assert.equal(fingerprintOf(elfFile({ buildId: "0123" })), undefined);
});

test("an ELF file of which nothing but the magic number is left is damaged", () => {
  const content = read(elfFile().subarray(0, 10));
  assert.equal(content?.kind, "damaged-elf");
});

test("a script is known by its first bytes", () => {
  const script = text("#!/bin/sh\necho\n");
  assert.deepEqual(read(script, data), { kind: "script", head: Uint8Array.from(script) });
  const long = text(`#!/bin/sh ${"x".repeat(10_000)}`);
  assert.deepEqual(wanted(long), { kind: "head" });
  assert.deepEqual(read(long), {
    kind: "script",
    head: Uint8Array.from(long.subarray(0, 256)),
  });
});

test("programs of other systems name their architectures", () => {
  const machO = Buffer.from("cffaedfe0c00000100000000", "hex");
  assert.deepEqual(read(machO, data), { kind: "mach-o", architectures: ["arm64"] });
});

test("an archive shows the native files in it", () => {
  const jar = zipFile({
    "linux/libfoo.so": elfFile({ architecture: "arm64", soname: "libfoo.so" }),
    "darwin/libfoo.jnilib": Buffer.from("cffaedfe0c00000100000000", "hex"),
    "linux/broken.so": elfFile().subarray(0, 20),
    LICENSE: "a text",
  });
  const content = read(jar, { path: "opt/app.jar", ...data });
  assert.equal(content?.kind, "archive");
  const members = content.members.map(({ path, content: { kind } }) => [path, kind]);
  assert.deepEqual(members, [
    ["linux/libfoo.so", "elf"],
    ["darwin/libfoo.jnilib", "mach-o"],
    ["linux/broken.so", "damaged-elf"],
  ]);
  // The same bytes under another name are nothing to any loader.
  assert.deepEqual(wanted(jar, { path: "opt/app.docx", ...data }), { kind: "nothing" });
});

test("an archive of more than 32 MiB is not read, and says so", () => {
  const jar = zipFile({ "libfoo.so": elfFile() });
  const options = { path: "opt/app.jar", size: 40 * 1024 * 1024 };
  assert.deepEqual(wanted(jar, options), { kind: "head" });
  const head = partialFile(options.size, [{ offset: 0, bytes: new Uint8Array(headBytes) }]);
  head.read({ offset: 0, length: headBytes })?.set(jar.subarray(0, headBytes));
  const reading = readContent(fileOf(jar, options), head);
  assert.equal(reading.outcome, "read");
  assert.deepEqual(reading.content, {
    kind: "archive",
    members: [],
    unread: "it is larger than 32 MiB",
  });
});

for (const path of [
  "etc/passwd",
  "etc/group",
  "etc/os-release",
  "usr/lib/os-release",
  "etc/ld.so.preload",
  "etc/ld.so.conf",
  "etc/ld.so.conf.d/local.conf",
  "etc/ld-musl-x86_64.path",
]) {
  test(`${path} is read as text`, () => {
    assert.deepEqual(read(text("one\ntwo\n"), { path, ...data }), {
      kind: "text",
      text: "one\ntwo\n",
    });
    assert.deepEqual(read(text(""), { path, ...data }), { kind: "text", text: "" });
  });
}

test("a loader's cache that the loader would not use says why", () => {
  const content = read(text("nonsense"), { path: "etc/ld.so.cache", ...data });
  assert.equal(content?.kind, "damaged-loader-cache");
});

test("of any other file its first four bytes are kept where it may be executed, and nothing where not", () => {
  const bytes = text("echo hello\n");
  assert.deepEqual(read(bytes), { kind: "other", head: Uint8Array.from(text("echo")) });
  assert.deepEqual(read(text("")), { kind: "other", head: new Uint8Array() });
  assert.deepEqual(wanted(bytes, { path: "etc/hosts", ...data }), { kind: "nothing" });
  assert.equal(read(bytes, { path: "etc/hosts", ...data }), undefined);
});

test("random bytes behind every magic number are told, and throw nothing", () => {
  const magic = fc.constantFrom(
    "7f454c4602010100",
    "2321",
    "cffaedfe",
    "cafebabe",
    "4d5a",
    "504b0304",
    "",
  );
  const path = fc.constantFrom("bin/x", "lib/x.jar", "etc/ld.so.cache", "etc/passwd");
  fc.assert(
    fc.property(magic, path, fc.uint8Array({ maxLength: 300 }), (hex, name, rest) => {
      const bytes = Buffer.concat([Buffer.from(hex, "hex"), rest]);
      const want = wanted(bytes, { path: name });
      const reading = readContent(fileOf(bytes, { path: name }), kept(bytes, want));
      assert.ok(["read", "needs"].includes(reading.outcome));
    }),
    { numRuns: 500 },
  );
});

test("what is kept of a head is a copy: the memory that it was read from is used again", () => {
  const script = Buffer.from("#!/bin/sh\nexec app\n");
  const file = { path: "run", size: script.length, mode: 0o755 };
  const reading = readContent(file, wholeFile(script));
  script.fill(0);
  const content = reading.outcome === "read" ? reading.content : undefined;
  assert.equal(content?.kind, "script");
  assert.equal(
    Buffer.from(content?.kind === "script" ? content.head : []).toString(),
    "#!/bin/sh\nexec app\n",
  );
});
