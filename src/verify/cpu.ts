/** The level of a processor that programs are compiled for: x86-64-v1 to v4 (x86-64 psABI, "Microarchitecture levels"). */
import { fail } from "../errors.ts";

export type CpuLevel = { readonly kind: "x86-64"; readonly level: 1 | 2 | 3 | 4 };

/** Reads `x86-64-v2` (or `v2`). @throws USAGE for anything else */
export function parseCpuLevel(text: string): CpuLevel {
  const level = Number(/^(?:x86-64-)?v([1-4])$/.exec(text)?.[1] ?? (text === "x86-64" ? 1 : 0));
  if (level === 1 || level === 2 || level === 3 || level === 4) return { kind: "x86-64", level };
  const problem = `"${text}" is no processor level that is known: x86-64-v1 to x86-64-v4.`;
  throw fail("USAGE", { problem, command: "transship verify" });
}

export function formatCpuLevel({ level }: CpuLevel): string {
  return `x86-64-v${level}`;
}
