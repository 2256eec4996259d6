import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../../test/directory.ts";
import { elfFile } from "../../../test/elf/elf-file.ts";
import { wholeFile } from "../bytes.ts";
import { readElf } from "./reading.ts";
import type { ElfRefusals } from "./refusal.ts";

const library = elfFile({ soname: "libfoo.so" });

const refused: readonly (readonly [string, Uint8Array, ElfRefusals])[] = [
  ["a library", library, {}],
  [
    "a program that may be anywhere",
    elfFile({ soname: "libfoo.so", isPie: true }),
    { loadProblem: "cannot dynamically load position-independent executable" },
  ],
  [
    "a segment that is not where its page is",
    changed(library, 64 + 2 * 56 + 9, 1),
    { loadProblem: "ELF load command address/offset not page-aligned" },
  ],
  [
    "a program of a fixed place",
    elfFile({ type: 2 }),
    { loadProblem: "cannot dynamically load executable" },
  ],
  [
    "a static program that may be anywhere",
    elfFile(),
    { loadProblem: "object file has no dynamic section" },
  ],
  [
    "an object for the linker",
    elfFile({ type: 1 }),
    {
      startProblem: "it is neither a program nor a shared object",
      loadProblem: "only ET_DYN and ET_EXEC can be loaded",
    },
  ],
  [
    "a program header of 57 bytes",
    changed(elfFile(), 54, 57),
    {
      startProblem: "its program headers have another size than they should",
      loadProblem: "ELF file's phentsize not the expected size",
    },
  ],
  [
    "no program header",
    changed(elfFile(), 56, 0),
    {
      startProblem: "it has no program headers",
      loadProblem: "object file has no loadable segments",
    },
  ],
  [
    "an interpreter without an end",
    changed(elfFile({ soname: "x", interpreter: "/lib/ld.so" }), 512 + 10, 0x21),
    { startProblem: "the name of its interpreter has no end" },
  ],
  [
    "another version",
    changed(elfFile({ soname: "x" }), 6, 2),
    { loadProblem: "ELF file version ident does not match current one" },
  ],
  ["OS ABI 9", elfFile({ soname: "x", osAbi: 9 }), { loadProblem: "ELF file OS ABI invalid" }],
  ["OS ABI 3", elfFile({ soname: "x", osAbi: 3 }), {}],
  [
    "ABI version 1",
    changed(elfFile({ soname: "x" }), 8, 1),
    { loadProblem: "ELF file ABI version invalid" },
  ],
  [
    "padding",
    changed(elfFile({ soname: "x" }), 12, 1),
    { loadProblem: "nonzero padding in e_ident" },
  ],
];

for (const [what, bytes, problems] of refused) {
  test(`${what}: kernel and loader say of it ${JSON.stringify(problems)}`, () => {
    const { startProblem, loadProblem } = readRefusals(bytes);
    assert.deepEqual(
      { startProblem, loadProblem },
      { startProblem: undefined, loadProblem: undefined, ...problems },
    );
  });
}

const loader = "/lib64/ld-linux-x86-64.so.2";
const skip = process.arch !== "x64" || !existsSync(loader) ? "no glibc for amd64 here" : false;

test("glibc's own loader says the same", { skip }, async (t) => {
  const directory = await temporaryDirectory(t);
  const program = path.join(directory, "program");
  const needs = { interpreter: loader, needed: ["libfoo.so"], runpath: "$ORIGIN" };
  await writeFile(program, elfFile(needs), { mode: 0o755 });
  for (const [what, bytes, { loadProblem = "" }] of refused) {
    await writeFile(path.join(directory, "libfoo.so"), bytes);
    const { stderr, status } = spawnSync(program, { encoding: "utf8" });
    assert.ok(stderr.trimEnd().endsWith(loadProblem), `${what}: ${stderr}`);
    assert.equal(status === 0, loadProblem === "", what);
  }
});

function readRefusals(bytes: Uint8Array): ElfRefusals {
  const reading = readElf(wholeFile(bytes));
  assert.equal(reading.outcome, "read");
  return reading.elf;
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}
