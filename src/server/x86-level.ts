/** The level of a server's processor (x86-64 psABI, "Microarchitecture levels"), by the flags that Linux tells of it. */

/** What each level adds, in the words of `/proc/cpuinfo` (linux, `arch/x86/include/asm/cpufeatures.h`). */
const added = [
  ["cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2"],
  ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"],
  ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"],
  ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"],
] as const;

/** The level of a processor with the line `flags : …`; `undefined` where it is no x86-64. */
export function x86LevelOf(line: string): 1 | 2 | 3 | 4 | undefined {
  const flags = new Set(line.split(/\s+/));
  const missing = added.findIndex((names) => names.some((name) => !flags.has(name)));
  const level = missing === -1 ? added.length : missing;
  return level === 1 || level === 2 || level === 3 || level === 4 ? level : undefined;
}
