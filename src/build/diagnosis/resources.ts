/** What goes wrong because a disk or the memory is full. */
import { fail } from "../../errors.ts";
import { lastMatch, programRule, type Rule } from "./failed-build.ts";

/** ENOSPC in the words of the C library, Go and Node; at the end of a line, or before what Node adds to it. */
const noSpace = /\bno space left on device\b/i;

/** What the builder says of its own disk, or buildx of the one that it writes to. */
const builderDisk: Rule = ({ words, step }) => {
  // A failing command stands in buildx's words as it is, and may say anything.
  const own = words.split("\n").filter((line) => !/^\s*\d+ \| |process "/.test(line));
  const isFull = lastMatch(
    [...own, step?.error ?? ""].filter((line) => !line.includes('process "')),
    noSpace,
  );
  return isFull === undefined ? undefined : fail("DISK_FULL", { where: "the builder's disk" });
};

const stepDisk: Rule = programRule(({ output, step }) => {
  const found = lastMatch(
    output,
    /(?:^|[\s:'"])(\/[^\s:'"]+)['"]?: No space left on device$/,
    /No space left on device$/,
    /\bENOSPC: no space left on device\b/,
    /no space left on device$/,
  );
  if (found === undefined) return undefined;
  return fail("DISK_FULL", { where: `${found[1] ?? "the builder's disk"}, in the step ${step}` });
});

/**
 * Who ran out of memory says so: the kernel through BuildKit (`cannot allocate memory`, moby/buildkit `executor/runcexecutor`),
 * a compiler of its part (gcc, `gcc.cc`), V8 of its own limit, and the run times of languages.
 */
const memory: Rule = programRule(({ output, step }, failed) => {
  const kernel = /did not complete successfully: (cannot allocate memory)/.exec(
    failed.step?.error ?? "",
  );
  const found =
    kernel ??
    lastMatch(
      output,
      /(JavaScript heap out of memory)/,
      /fatal error: (Killed signal terminated program \S+)/,
      /(signal: 9, SIGKILL: kill)/,
      /(?:^|: )(?:virtual memory exhausted: )?(Cannot allocate memory)$/i,
      /(java\.lang\.OutOfMemoryError: [^\n]*)/,
      /^fatal error: (runtime: (?:out of memory|cannot allocate memory))/,
      /what\(\):\s+(std::bad_alloc)/,
      /^(MemoryError)$/,
      /^(Out of memory!)$/,
    );
  const reason = found?.[1];
  return reason === undefined
    ? undefined
    : fail("STEP_OUT_OF_MEMORY", { step, reason: reason.trim() });
});

/** 128 and SIGKILL: the kernel does that to who takes too much memory, but others may do it too. */
const killed: Rule = programRule(({ step, exitCode, output }) => {
  const isKilled = exitCode === 137 || lastMatch(output.slice(-2), /(?:^|\s)Killed$/) !== undefined;
  return isKilled ? fail("STEP_KILLED", { step }) : undefined;
});

export const builderDiskRules: readonly Rule[] = [builderDisk];
export const resourceRules: readonly Rule[] = [stepDisk, memory];
export const killRules: readonly Rule[] = [killed];
