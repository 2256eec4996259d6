/** The level of a processor that programs are compiled for: x86-64-v1 to v4 (x86-64 psABI, "Microarchitecture levels"). */
import { fail } from "../errors.ts";

export type CpuLevel = { readonly kind: "x86-64"; readonly level: 1 | 2 | 3 | 4 };

/** The level of that number; `undefined` where there is none. */
export function x86Level(level: number): CpuLevel | undefined {
  return level === 1 || level === 2 || level === 3 || level === 4
    ? { kind: "x86-64", level }
    : undefined;
}

/** Reads `x86-64-v2` (or `v2`), which that command was given. @throws USAGE for anything else */
export function parseCpuLevel(text: string, command = "transship verify"): CpuLevel {
  const number = Number(/^(?:x86-64-)?v([1-4])$/.exec(text)?.[1] ?? (text === "x86-64" ? 1 : 0));
  const level = x86Level(number);
  if (level !== undefined) return level;
  const problem = `"${text}" is no processor level that is known: x86-64-v1 to x86-64-v4.`;
  throw fail("USAGE", { problem, command });
}

/** `x86-64-v2`, of a level or of its number. */
export function formatCpuLevel(level: CpuLevel | number): string {
  return `x86-64-v${typeof level === "number" ? level : level.level}`;
}
