/** The same files read by binutils: what it prints of this machine's programs and libraries is what is read. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { wholeFile } from "../bytes.ts";
import type { Elf } from "./elf.ts";
import { isElf } from "./header.ts";
import { readElf } from "./reading.ts";
import { symbolsOf } from "./symbol-entries.ts";
import { type ElfSymbols, provides } from "./symbols.ts";

const [readelf, nm] = ["readelf", "nm"];
const mostFiles = 4;
const directories = ["/bin", "/usr/bin", ...libraryDirectories()];
const hasTools = [readelf, nm].every((tool) => output(tool, ["--version"]) !== "");
const files = hasTools ? directories.flatMap((directory) => someElfs(directory)) : [];
const skip = files.length === 0 ? "no binutils here, or nothing to read with them" : false;

test("readelf prints the same of the dynamic section", { skip }, () => {
  for (const file of files) {
    const { elf } = read(file);
    const printed = output(readelf, ["-dlW", file]);
    const all = (pattern: RegExp) => Array.from(printed.matchAll(pattern), ([, one = ""]) => one);
    const expected = {
      needed: all(/\(NEEDED\)\s+Shared library: \[(.*)\]/g),
      soname: all(/\(SONAME\)\s+Library soname: \[(.*)\]/g)[0],
      rpath: all(/\(RPATH\)\s+Library rpath: \[(.*)\]/g)[0],
      runpath: all(/\(RUNPATH\)\s+Library runpath: \[(.*)\]/g)[0],
      interpreter: all(/Requesting program interpreter: (.*)\]/g)[0],
      isPie: /\(FLAGS_1\).*PIE/.test(printed),
      bindNow: /\(BIND_NOW\)|\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*NOW/.test(printed),
    };
    assert.deepEqual(dynamicOf(elf), expected, file);
  }
});

test("readelf prints the same versions and build id", { skip }, () => {
  for (const file of files) {
    const { elf } = read(file);
    const printed = output(readelf, ["-VW", file]);
    const needs = printed.split("Version needs section")[1]?.split("Version definition")[0] ?? "";
    const found = needs.matchAll(/File: (\S+)\s+Cnt|Name: (\S+)\s+Flags: (.*?)\s+Version: \d+/g);
    const expected = Array.from(found, ([, library, version = "", flags = ""]) =>
      library === undefined ? `${version}${flags.includes("WEAK") ? " weak" : ""}` : `${library}:`,
    );
    const own = (elf.dynamic?.versionNeeds ?? []).flatMap(({ library, versions }) =>
      [`${library}:`].concat(versions.map(({ name, isWeak }) => `${name}${isWeak ? " weak" : ""}`)),
    );
    assert.deepEqual(own, expected, file);
    const [, id] = /Build ID: (\S+)/.exec(output(readelf, ["-nW", file])) ?? [];
    if (elf.goBuildId === undefined) assert.equal(elf.buildId, id, file);
  }
});

test("nm prints the same symbols", { skip }, () => {
  for (const file of files) {
    const { symbols } = read(file);
    const own = new Set(
      symbols?.imports.map(({ name, version }) =>
        version === undefined ? name : `${name}@${version}`,
      ),
    );
    const undefinedNames = new Set<string>();
    for (const { value, type, name, version } of printedSymbols(file)) {
      if (value === undefined) {
        undefinedNames.add(version === undefined ? name : `${name}@${version}`);
      } else if (!isLocal(type) && name !== version) {
        assert.ok(symbols && provides(symbols.exports, name, version), `${file}: ${name}`);
        // What a program copies from a library it has a place for.
        own.delete(version === undefined ? name : `${name}@${version}`);
      }
    }
    const extra = [...own].filter((name) => !undefinedNames.has(name));
    assert.deepEqual(extra, [], file);
    // An alias of a variable that is copied under another name has no relocation of its own.
    const unnamed = undefinedNames.size - own.size;
    assert.ok(unnamed <= 8, `${file}: ${unnamed} names are left out`);
  }
});

interface PrintedSymbol {
  readonly value?: string;
  readonly type: string;
  readonly name: string;
  readonly version?: string;
}

function printedSymbols(file: string): readonly PrintedSymbol[] {
  const printed = output(nm, ["-D", "--with-symbol-versions", file]);
  return Array.from(
    printed.matchAll(/^([0-9a-f]+)? +(\S) ([^@\n]+)(?:@@?(\S+))?$/gm),
    ([, value, type = "", name = "", version]) => ({
      type,
      name,
      ...(value === undefined ? {} : { value }),
      ...(version === undefined ? {} : { version }),
    }),
  );
}

/** Lower-case letters are local symbols, but for a few. */
function isLocal(type: string): boolean {
  return /[a-z]/.test(type) && !"iuvw".includes(type);
}

function dynamicOf({ interpreter, dynamic }: Elf) {
  return {
    needed: dynamic?.needed ?? [],
    soname: dynamic?.soname,
    rpath: dynamic?.rpath,
    runpath: dynamic?.runpath,
    interpreter,
    isPie: dynamic?.isPie ?? false,
    bindNow: dynamic?.bindNow ?? false,
  };
}

function read(file: string): { readonly elf: Elf; readonly symbols?: ElfSymbols } {
  const reading = readElf(wholeFile(readFileSync(file)));
  assert.equal(reading.outcome, "read", file);
  const symbols = reading.symbols && symbolsOf(reading.symbols);
  return { elf: reading.elf, ...(symbols === undefined ? {} : { symbols }) };
}

/** What a tool prints; nothing where it is not there. */
function output(tool = "", args: readonly string[] = []): string {
  const { stdout } = spawnSync(tool, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return stdout ?? "";
}

function libraryDirectories(): readonly string[] {
  const found = ["/lib64", "/usr/lib64"];
  if (!existsSync("/usr/lib")) return found;
  const multiarch = readdirSync("/usr/lib").filter((name) => name.includes("-linux-gnu"));
  return [...found, ...multiarch.map((name) => path.join("/usr/lib", name))];
}

/** A few files of a directory that are not too large, spread over its names. */
function someElfs(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  const found = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => path.join(directory, name));
  const step = Math.max(Math.floor(found.length / (mostFiles * 3)), 1);
  return found
    .filter((_, index) => index % step === 0)
    .filter((file) => {
      const bytes = readFileSync(file);
      return isElf(bytes) && bytes.byteLength < 8 * 1024 * 1024;
    })
    .slice(0, mostFiles);
}
