import assert from "node:assert/strict";
import { test } from "node:test";
import { elf } from "../../../test/image/image.ts";
import { architectures, parsePlatform } from "../../platform/platform.ts";
import { architectureNames } from "../../platform/machine.ts";
import { elfName, elfServes, isElf, readElfHeader } from "./header.ts";

for (const architecture of architectures) {
  test(`a program for ${architecture} serves that platform and no other of its kind`, () => {
    const { machine, bits, littleEndian } = architectureNames({ architecture }).elf;
    const header = readElfHeader(elf(machine, { bits, littleEndian }));
    assert.deepEqual(header, { machine, bits, littleEndian });
    assert.ok(elfServes(header, parsePlatform(architecture)));
    const other = parsePlatform(architecture === "riscv64" ? "arm64" : "riscv64");
    assert.ok(!elfServes(header, other));
  });
}

test("a 64-bit x86 kernel runs 32-bit programs, and no other the other's", () => {
  const i386 = readElfHeader(elf(3, { bits: 32 }));
  const arm = readElfHeader(elf(40, { bits: 32 }));
  assert.ok(i386 && arm);
  assert.ok(elfServes(i386, parsePlatform("amd64")));
  assert.ok(!elfServes(arm, parsePlatform("arm64")));
});

test("what is cut short or damaged has no header", () => {
  assert.equal(readElfHeader(elf(62).subarray(0, 19)), undefined);
  assert.equal(readElfHeader(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 9, 9)), undefined);
  assert.equal(readElfHeader(new Uint8Array(64)), undefined);
  assert.ok(!isElf(new Uint8Array()));
});

test("a machine is named as uname names it", () => {
  const header = readElfHeader(elf(183));
  assert.ok(header);
  assert.equal(elfName(header), "aarch64");
});
