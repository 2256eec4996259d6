import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { temporaryDirectory } from "../../../test/directory.ts";
import { elfFile } from "../../../test/elf/elf-file.ts";
import { architectures } from "../../platform/platform.ts";
import { wholeFile } from "../bytes.ts";
import { readElf } from "./reading.ts";
import { symbolsOf as symbolsOfTables } from "./symbol-entries.ts";
import { symbolKey } from "./symbol-key.ts";
import { type ElfSymbols, provides, providesToMusl } from "./symbols.ts";

function symbolsOf(bytes: Uint8Array): ElfSymbols {
  const reading = readElf(wholeFile(bytes));
  assert.equal(reading.outcome, "read");
  const symbols = reading.symbols && symbolsOfTables(reading.symbols);
  assert.ok(symbols);
  return symbols;
}

for (const architecture of architectures) {
  test(`the symbols of an object for ${architecture} are read`, () => {
    const { imports, exports } = symbolsOf(
      elfFile({
        architecture,
        needed: ["libbar.so"],
        exports: ["foo@@V2", "foo@V1", "open"],
        imports: [
          "late@BAR_1",
          { name: "early", isEager: true },
          { name: "weak@BAR_1", isWeak: true },
        ],
      }),
    );
    assert.deepEqual(imports, [
      { name: "late", version: "BAR_1", isWeak: false, isEager: false },
      { name: "early", isWeak: false, isEager: true },
      { name: "weak", version: "BAR_1", isWeak: true, isEager: false },
    ]);
    assert.deepEqual(
      [...exports.versioned],
      sorted(symbolKey("foo", "V1"), symbolKey("foo", "V2")),
    );
    assert.deepEqual([...exports.open], [symbolKey("open")]);
    assert.deepEqual([...exports.plain], [symbolKey("foo")]);
    assert.deepEqual([...exports.oldest], []);
  });
}

for (const hash of ["gnu", "old", "none"] as const) {
  test(`imports are read whatever hash table there is: ${hash}`, () => {
    const bytes = elfFile({ hash, imports: ["foo", "bar"], exports: ["baz"] });
    const { imports, exports } = symbolsOf(bytes);
    assert.deepEqual(
      imports.map(({ name }) => name),
      ["foo", "bar"],
    );
    // Without a hash table no loader finds a definition.
    assert.equal(provides(exports, "baz"), hash !== "none");
  });
}

test("names beyond ASCII have the key of their text", () => {
  const { imports, exports } = symbolsOf(elfFile({ imports: ["größe"], exports: ["naïve@@Vß"] }));
  assert.equal(imports[0]?.name, "größe");
  assert.ok(provides(exports, "naïve", "Vß"));
});

/** What a library exports, what a program asks for, and whether each loader binds the one to the other. */
const references: readonly {
  readonly exports: readonly string[];
  readonly wanted: string;
  readonly glibc: boolean;
  readonly musl: boolean;
}[] = [
  { exports: ["foo"], wanted: "foo", glibc: true, musl: true },
  { exports: ["foo"], wanted: "bar", glibc: false, musl: false },
  // A library without versions serves any.
  { exports: ["foo"], wanted: "foo@V1", glibc: true, musl: true },
  { exports: ["foo@@V1"], wanted: "foo@V1", glibc: true, musl: true },
  // A hidden definition serves those that ask for it, and where it is the oldest, those that ask for none.
  { exports: ["foo@V1"], wanted: "foo@V1", glibc: true, musl: false },
  { exports: ["foo@V1"], wanted: "foo", glibc: true, musl: false },
  { exports: ["other@@V1", "foo@V2"], wanted: "foo", glibc: false, musl: false },
  { exports: ["other@@V1", "foo@@V2"], wanted: "foo", glibc: true, musl: true },
  { exports: ["foo@V1", "foo@@V2"], wanted: "foo@V1", glibc: true, musl: true },
  // The version is there, and not of this name.
  { exports: ["other@@V1", "foo@@V2"], wanted: "foo@V1", glibc: false, musl: true },
  // One name without a version among others that have one.
  { exports: ["other@@V1", "foo"], wanted: "foo@V1", glibc: true, musl: true },
];

for (const { exports, wanted, glibc, musl } of references) {
  test(`${wanted} of a library with ${exports.join(", ")}: glibc ${glibc ? "binds" : "refuses"} it, musl ${musl ? "binds" : "refuses"} it`, () => {
    const symbols = symbolsOf(elfFile({ soname: "libfoo.so", exports }));
    const [name = "", version] = wanted.split("@");
    assert.equal(provides(symbols.exports, name, version), glibc);
    assert.equal(providesToMusl(symbols.exports, name), musl);
  });
}

const loader = "/lib64/ld-linux-x86-64.so.2";
const noLoader = process.arch !== "x64" || !existsSync(loader) ? "no glibc for amd64 here" : false;

for (const hash of ["gnu", "old"] as const) {
  test(`glibc's own loader agrees (${hash} hash)`, { skip: noLoader }, async (t) => {
    const directory = await temporaryDirectory(t);
    for (const [index, { exports, wanted, glibc }] of references.entries()) {
      const library = `lib${index}.so`;
      const program = path.join(directory, `program${index}`);
      await writeFile(path.join(directory, library), elfFile({ soname: library, exports, hash }));
      await writeFile(
        program,
        elfFile({
          interpreter: loader,
          needed: [library],
          runpath: "$ORIGIN",
          imports: [{ name: wanted, isEager: true }],
          hash,
        }),
        { mode: 0o755 },
      );
      const { status, stderr } = spawnSync(program, { encoding: "utf8" });
      // Before 2.41 it stops where a library without any versions is asked for one (`hasVersions`).
      if (exports.every((name) => !name.includes("@")) && /check_match: Assertion/.test(stderr)) {
        continue;
      }
      assert.equal(status === 0, glibc, `${wanted} of ${exports.join(", ")}: ${stderr}`);
    }
  });
}

test("a hundred thousand names have as many keys", () => {
  const keys = new Set<number>();
  const count = 100_000;
  for (let index = 0; index < count; index += 1) keys.add(symbolKey(`_ZN4name${index}Ev`));
  assert.equal(keys.size, count);
});

test("keys are whole numbers below 2^53, one of a name and another with its version", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, version) => {
      const [plain, versioned] = [symbolKey(name), symbolKey(name, version)];
      assert.ok(Number.isSafeInteger(plain) && plain >= 0);
      assert.ok(Number.isSafeInteger(versioned) && versioned >= 0);
      assert.notEqual(plain, versioned);
      assert.equal(symbolKey(name), plain);
    }),
  );
});

function sorted(...keys: readonly number[]): readonly number[] {
  return keys.toSorted((one, other) => one - other);
}
