/** What goes wrong before a step's program runs, or because one that it calls is not there. */
import { fail } from "../../errors.ts";
import { type FailedProgram, lastMatch, programRule, type Rule } from "./failed-build.ts";

/** runc starts no program as a user that the image's own files do not name (moby/sys, `user/user.go`). */
const user: Rule = programRule(({ step }, failed) => {
  const [, kind, name] =
    /unable to find (user|group) (\S+): no matching entries in (?:passwd|group) file/.exec(
      failed.step?.error ?? "",
    ) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return fail("STEP_USER_UNKNOWN", { step, kind, user: name });
});

/** runc's words for the first program of a step (opencontainers/runc, `libcontainer/standard_init_linux.go`). */
const notStarted: Rule = programRule(({ step, output }) => {
  const [, program, reason] =
    lastMatch(
      output,
      /exec: "([^"]+)": (?:stat \S+: )?(no such file or directory|executable file not found in \$PATH|permission denied)/,
      /^exec (\S+): (no such file or directory|permission denied)$/,
    ) ?? [];
  if (program === undefined || reason === undefined) return undefined;
  if (reason === "permission denied") return fail("STEP_COMMAND_NOT_EXECUTABLE", { step, program });
  return isShell(program)
    ? fail("STEP_SHELL_MISSING", { step, shell: program })
    : fail("STEP_COMMAND_MISSING", { step, program });
});

function isShell(program: string): boolean {
  return /^(?:.*\/)?(?:sh|bash|ash|dash|zsh|cmd|pwsh|powershell)(?:\.exe)?$/.test(program);
}

/** A shell's exit codes for what it cannot start (POSIX.1-2017, Shell Command Language, 2.8.2), with its own words for it. */
const called: Rule = programRule((program) => {
  const { step, exitCode } = program;
  if (exitCode === 127) return fail("STEP_COMMAND_MISSING", { step, program: missingIn(program) });
  if (exitCode !== 126) return undefined;
  const name = lastMatch(program.output, /(?:^|: )([^\s:]+): Permission denied$/i)?.[1];
  return fail("STEP_COMMAND_NOT_EXECUTABLE", { step, program: name ?? "a program" });
});

/**
 * `/bin/sh: 1: frob: not found` (dash), `/bin/sh: frob: not found` (busybox), `bash: line 1: frob: command not found`,
 * `env: 'node': No such file or directory`.
 */
function missingIn({ output }: FailedProgram): string {
  const found = lastMatch(
    output,
    /(?:^|: )([^\s:]+): (?:command )?not found$/,
    /env: [‘'"]?([^\s'’":]+)['’"]?: No such file or directory$/,
    /(?:^|: )([^\s:]+): No such file or directory$/,
  );
  return found?.[1] ?? "a program";
}

export const startRules: readonly Rule[] = [user, notStarted];
export const commandRules: readonly Rule[] = [called];
