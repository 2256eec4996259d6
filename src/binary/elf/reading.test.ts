import assert from "node:assert/strict";
import { test } from "node:test";
import { elfFile, type ElfFileOptions } from "../../../test/elf/elf-file.ts";
import { architectureNames } from "../../platform/machine.ts";
import { architectures } from "../../platform/platform.ts";
import { wholeFile } from "../bytes.ts";
import type { Elf } from "./elf.ts";
import { readElf, readElfHead } from "./reading.ts";

function read(bytes: Uint8Array): Elf {
  const reading = readElf(wholeFile(bytes));
  assert.equal(reading.outcome, "read");
  return reading.elf;
}

const build = (options: ElfFileOptions) => read(elfFile(options));

for (const architecture of architectures) {
  test(`what a program for ${architecture} asks of its loader is read`, () => {
    const elf = build({
      architecture,
      interpreter: "/lib/ld.so.1",
      needed: ["libfoo.so.1", "libc.so.6"],
      rpath: "/opt/old",
      runpath: "$ORIGIN/../lib:/opt/new",
      filters: ["libreal.so"],
      auxiliaries: ["libauxiliary.so"],
      versionNeeds: { "libfoo.so.1": ["FOO_1", "?FOO_2"], "libc.so.6": ["GLIBC_2.38"] },
      bindNow: true,
      isPie: true,
      noDefaultLibraries: true,
      buildId: "0123abcd",
      leastKernel: [3, 2, 0],
    });
    const { machine, bits, littleEndian } = architectureNames({ architecture }).elf;
    assert.deepEqual(elf, {
      machine,
      bits,
      littleEndian,
      type: "shared",
      flags: 0,
      osAbi: 0,
      abiVersion: 0,
      interpreter: "/lib/ld.so.1",
      dynamic: {
        needed: ["libfoo.so.1", "libc.so.6"],
        rpath: "/opt/old",
        runpath: "$ORIGIN/../lib:/opt/new",
        filters: ["libreal.so"],
        auxiliaries: ["libauxiliary.so"],
        bindNow: true,
        isPie: true,
        noDefaultLibraries: true,
        versionNeeds: [
          {
            library: "libfoo.so.1",
            versions: [
              { name: "FOO_1", isWeak: false },
              { name: "FOO_2", isWeak: true },
            ],
          },
          { library: "libc.so.6", versions: [{ name: "GLIBC_2.38", isWeak: false }] },
        ],
      },
      buildId: "0123abcd",
      leastKernel: [3, 2, 0],
      loadProblem: "cannot dynamically load position-independent executable",
    });
  });
}

test("a library defines versions, its base version left out", () => {
  const { dynamic } = build({ soname: "libfoo.so.1", exports: ["foo@@FOO_2", "foo@FOO_1"] });
  assert.equal(dynamic?.soname, "libfoo.so.1");
  assert.deepEqual(dynamic.versionDefinitions, ["FOO_2", "FOO_1"]);
  assert.equal(build({ soname: "libbar.so" }).dynamic?.versionDefinitions, undefined);
});

test("a static program has no dynamic section", () => {
  const elf = build({ type: 2 });
  assert.equal(elf.type, "executable");
  assert.equal(elf.dynamic, undefined);
  assert.equal(elf.interpreter, undefined);
});

for (const [needed, level] of [
  [1, 1],
  [3, 2],
  [7, 3],
  [15, 4],
  [8, 4],
  [0, undefined],
] as const) {
  test(`the bits ${needed} of the property note ask for level ${level ?? "none"}`, () => {
    assert.equal(build({ x86Needed: needed }).x86Level, level);
    assert.equal(build({ architecture: "386", x86Needed: needed }).x86Level, level);
    assert.equal(build({ architecture: "arm64", x86Needed: needed }).x86Level, undefined);
  });
}

test("an arm object names its processor in a section", () => {
  // Tag_CPU_name before them is a text, Tag_CPU_arch 10 is v7, Tag_ABI_VFP_args 1 is hard float.
  const text = [...Buffer.from("7-A\0")];
  const arm = [[5, text[0] ?? 0], text.slice(1), [6, 10], [7, 0x41], [28, 1]];
  const elf = build({ architecture: "arm", arm: arm.flat() });
  assert.deepEqual(elf.arm, { architecture: 10, profile: "A", hardFloat: true });
});

test("a Go program names the settings of its build", () => {
  const settings = { "-trimpath": "true", CGO_ENABLED: "0", GOARCH: "amd64", GOAMD64: "v3" };
  const elf = build({ type: 2, goBuildId: "a/b/c/d", go: { version: "go1.26.8", settings } });
  assert.equal(elf.goBuildId, "a/b/c/d");
  assert.deepEqual(elf.go, {
    version: "go1.26.8",
    settings: { CGO_ENABLED: "0", GOARCH: "amd64", GOAMD64: "v3" },
  });
});

test("a Go program of before 1.18 points at its texts", () => {
  const bytes = elfFile({ type: 2, go: { version: "unused" }, buildId: "aa" });
  const at = Buffer.from(bytes).indexOf("\xff Go buildinf:", 0, "latin1");
  const file = Buffer.concat([bytes, Buffer.alloc(64)]);
  file.writeUInt8(8, at + 14);
  file.writeUInt8(0, at + 15);
  // The header points at a string, which points at its bytes: here into the note's name, "GNU".
  const name = file.indexOf("GNU\0");
  file.writeBigUInt64LE(BigInt(0x400000 + at + 32), at + 16);
  file.writeBigUInt64LE(BigInt(0), at + 24);
  file.writeBigUInt64LE(BigInt(0x400000 + name), at + 32);
  file.writeBigUInt64LE(3n, at + 40);
  assert.deepEqual(read(file).go, { version: "GNU", settings: {} });
});

test("a file that ends too early lacks bytes that its segments claim", () => {
  const bytes = elfFile({ needed: ["libc.so.6"], missingBytes: 5000 });
  assert.equal(read(bytes).missingBytes, 5000);
  assert.equal(read(bytes.subarray(0, -10)).missingBytes, 5010);
  assert.equal(read(elfFile()).missingBytes, undefined);
});

const damages: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["nothing", new Uint8Array(), /does not begin with the ELF magic/],
  ["the magic number alone", elfFile().subarray(0, 4), /file too short: it has 4 bytes/],
  ["half a header", elfFile().subarray(0, 40), /file too short: it has 40 bytes/],
  ["a header alone", elfFile().subarray(0, 64), /its program headers lie beyond its end/],
  ["class 7", changed(elfFile(), 4, 7), /its class is 7/],
  ["byte order 0", changed(elfFile(), 5, 0), /its byte order is 0/],
];

for (const [what, bytes, problem] of damages) {
  test(`${what} is damaged`, () => {
    const reading = readElf(wholeFile(bytes));
    assert.equal(reading.outcome, "damaged");
    assert.match(reading.problem, problem);
  });
}

test("a file's beginning tells its machine, interpreter and notes", () => {
  const bytes = elfFile({
    architecture: "arm64",
    interpreter: "/lib/ld.so",
    buildId: "12",
    needed: ["libc.so.6"],
    code: new Uint8Array(10_000),
  });
  const reading = readElfHead(bytes.subarray(0, 4096), bytes.byteLength);
  assert.equal(reading.outcome, "read");
  const { machine, interpreter, buildId, dynamic } = reading.elf;
  assert.deepEqual(
    { machine, interpreter, buildId },
    { machine: 183, interpreter: "/lib/ld.so", buildId: "12" },
  );
  assert.equal(dynamic, undefined);
});

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

test("an entry that is not in the code is told", () => {
  const library = Buffer.from(elfFile({ soname: "libfoo.so" }));
  assert.equal(read(library).lacksEntry, undefined);
  library.writeBigUInt64LE(0x1000_0000n, 24);
  assert.equal(read(library).lacksEntry, true);
});

test("a program that UPX packed is known by what UPX writes behind the program headers", () => {
  const packed = Buffer.from(elfFile());
  const headersEnd = 64 + 56 * packed.readUInt16LE(56);
  packed.write("UPX!", headersEnd + 4, "latin1");
  assert.equal(read(packed).packer, "UPX");
  assert.equal(build({}).packer, undefined);
});
