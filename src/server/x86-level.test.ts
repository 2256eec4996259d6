import assert from "node:assert/strict";
import { test } from "node:test";
import { x86LevelOf } from "./x86-level.ts";

const first = "fpu vme de pse tsc msr pae cx8 apic cmov clflush mmx fxsr sse sse2 syscall nx lm";
const second = `${first} pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm`;
const third = `${second} fma movbe xsave avx f16c abm bmi1 avx2 bmi2`;
const fourth = `${third} avx512f avx512dq avx512cd avx512bw avx512vl`;

/** Flags as processors have them in /proc/cpuinfo, and their level. */
const table: Readonly<Record<string, readonly [string, ReturnType<typeof x86LevelOf>]>> = {
  "an Opteron of 2003": [`${first} 3dnowext 3dnow`, 1],
  "a Core 2, without popcnt": [`${first} pni ssse3 cx16 lahf_lm`, 1],
  "a Nehalem": [`${second} rdtscp`, 2],
  "a Sandy Bridge: avx, and not avx2": [`${second} avx xsave`, 2],
  "QEMU's kvm64 with some flags of the next level": [`${first} pni cx16 avx2`, 1],
  "a Haswell": [third, 3],
  "a Zen 3": [`${third} sse4a sha_ni vaes`, 3],
  "a hypervisor that hides movbe": [third.replace(" movbe", ""), 2],
  "a Skylake server": [fourth, 4],
  "a Knights Landing: some of AVX-512": [`${third} avx512f avx512cd avx512er avx512pf`, 3],
  "a Pentium 4 without 64 bits of its own": [first.replace(" syscall", ""), undefined],
};
for (const [name, [flags, level]] of Object.entries(table)) {
  test(name, () => assert.equal(x86LevelOf(`flags\t\t: ${flags}\n`), level));
}

test("nothing is said: no level", () => {
  assert.equal(x86LevelOf(""), undefined);
  assert.equal(x86LevelOf("Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32"), undefined);
});
