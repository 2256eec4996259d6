/** What goes wrong because the machine that builds is not the one that the step is for. */
import { fail } from "../../errors.ts";
import { lastMatch, programRule, type Rule } from "./failed-build.ts";
import { signalOf } from "./signal.ts";

/**
 * BuildKit's check tells of a base whose one platform is another than was asked for (moby/buildkit,
 * `frontend/dockerfile/linter`, InvalidBaseImagePlatform).
 */
const wrongBase =
  /InvalidBaseImagePlatform: Base image (\S+) was pulled with platform "([^"]+)", expected "([^"]+)"/;

/**
 * A kernel without a handler for the program's machine refuses it with ENOEXEC: `exec /bin/sh: exec format error` are the
 * words of runc (opencontainers/runc, `libcontainer/standard_init_linux.go`), `…: Exec format error` those of a shell that runs.
 */
const formatError: Rule = programRule(({ output, step, platform, execution }, { words }) => {
  const runtime = lastMatch(output, /\bexec (\S+): exec format error$/);
  const shell = lastMatch(
    output,
    /(?:^|\s)(\S+): (?:cannot execute binary file: )?Exec format error$/,
    /(?:^|\s)(\S+): cannot execute binary file$/,
  );
  const program = runtime?.[1] ?? shell?.[1];
  if (program === undefined) return undefined;
  const [, image, actual] = wrongBase.exec(words) ?? [];
  if (image !== undefined && actual !== undefined) {
    return fail("BASE_PLATFORM_WRONG", { image, actual, platform });
  }
  // A shell that says so was started itself, and a native step needs no emulator.
  if (runtime === undefined || execution === "native") {
    return /\/(?:ba|da|a)?sh$/.test(program)
      ? fail("BASE_PLATFORM_WRONG", {
          image: "of that stage",
          actual: "another platform",
          platform,
        })
      : fail("STEP_PROGRAM_FOREIGN", { step, program, platform });
  }
  const architecture = platform.split("/")[1] ?? platform;
  return fail("EMULATOR_MISSING", { platform, architecture });
});

/**
 * A program of another machine that the kernel hands to its emulator, in a stage without that machine's loader (qemu,
 * `linux-user/elfload.c`; Rosetta has words of its own).
 */
const loader: Rule = programRule(({ output, step, platform }) => {
  const found = lastMatch(
    output,
    /^\S*(?:qemu|binfmt)\S*: Could not open '([^']+)': No such file or directory/,
    /^rosetta error: failed to open elf at (\S+)/,
  );
  const path = found?.[1];
  return path === undefined
    ? undefined
    : fail("STEP_LOADER_MISSING", { step, loader: path, platform });
});

/** Apple's translator, which Docker Desktop, OrbStack and colima use for amd64. */
const rosetta: Rule = programRule(({ output, step }) => {
  const reason = lastMatch(
    output,
    /^(?:\S+: )?rosetta error: (.+)$/,
    /^(Rosetta is only intended to run on Apple Silicon.*)$/,
  )?.[1];
  return reason === undefined ? undefined : fail("ROSETTA_FAILED", { step, reason });
});

/** qemu's own report of the signal that it could not hand on (qemu, `linux-user/signal.c`), or the exit code of such an end. */
const crash: Rule = programRule(({ output, step, platform, exitCode, execution }) => {
  const reported = lastMatch(output, /^qemu: uncaught target signal (\d+)/)?.[1];
  const ended = execution === "emulated" ? signalOf(exitCode) : undefined;
  const signal = reported === undefined ? ended : Number(reported);
  if (signal === undefined) return undefined;
  return fail("EMULATOR_CRASHED", { step, platform, signal: `signal ${signal}` });
});

export const emulatorRules: readonly Rule[] = [formatError, loader, rosetta, crash];
