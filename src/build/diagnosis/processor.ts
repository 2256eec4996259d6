/** What goes wrong because a program wants another processor, or crashes on the right one. */
import { fail } from "../../errors.ts";
import { lastMatch, programRule, type Rule } from "./failed-build.ts";
import { signalName, signalOf } from "./signal.ts";

/**
 * glibc's words for a library or a distribution that is made for a newer level than the processor has (glibc,
 * `sysdeps/x86/dl-prop.h`, `sysdeps/x86/dl-get-cpu-features.c`), Go's for GOAMD64 (golang/go, `runtime/asm_amd64.s`).
 */
const level: Rule = programRule(({ output, step, platform }) => {
  const reason = lastMatch(
    output,
    /(CPU ISA level is lower than required)\b/,
    /Fatal glibc error: (CPU does not support \S+)/,
    /^(This program can only be run on (?:AMD64|\S+) processors with \S+ microarchitecture support)/,
    /\b((?:The CPU|This CPU|Your CPU|your processor) (?:does not support|lacks) (?:AVX|SSE|the x86-64-v)\S*.*)$/i,
  )?.[1];
  if (reason === undefined) return undefined;
  return fail("STEP_CPU_TOO_OLD", { step, platform, reason: reason.replace(/\.$/, "") });
});

/** Without an emulator, what crashes crashes by itself. Under one, the rules of the emulator come first. */
const crash: Rule = programRule(({ step, platform, exitCode, output, execution }) => {
  const said = lastMatch(output, /(?:^|: |\s)Illegal instruction(?: \(core dumped\))?$/);
  const signal = signalOf(exitCode) ?? (said === undefined ? undefined : 4);
  if (signal === undefined) return undefined;
  return signal === 4
    ? fail("STEP_INSTRUCTION_ILLEGAL", { step, platform })
    : fail("STEP_CRASHED", {
        step,
        signal: signalName(signal),
        platform,
        isNative: execution === "native",
      });
});

export const processorLevelRules: readonly Rule[] = [level];
export const crashRules: readonly Rule[] = [crash];
