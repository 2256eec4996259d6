/** A build that failed, as its rules see it. */
import type { TransshipError } from "../../errors.ts";
import type { Argv } from "../../process/command.ts";
import type { Task } from "../../process/task.ts";

export interface FailedBuild {
  readonly argv: Argv;
  readonly exitCode: number;
  /** What buildx wrote beside the steps' own output: its error, and what that stands on. */
  readonly words: string;
  /** The step that failed; absent where none did. */
  readonly step?: FailedStep;
  /** Its path. */
  readonly dockerfile: string;
  /** Its text; absent where it could not be read. */
  readonly source?: string;
  readonly builder: string;
  /** `linux/arm64`: the first platform that needs an emulator, else the first. */
  readonly platform: string;
}

export interface FailedStep extends Pick<Task, "platform" | "execution"> {
  /** `[linux/arm64 build 2/5] RUN npm ci`. */
  readonly name: string;
  /** BuildKit's own reason. */
  readonly error: string;
  /** The last lines that it printed. */
  readonly output: readonly string[];
}

/** One cause: the error for it, or nothing where the build did not fail by it. */
export type Rule = (failed: FailedBuild) => TransshipError | undefined;

/** A step that started a program, and what became of that. */
export interface FailedProgram {
  /** As the Dockerfile says it, in quotes: `"npm ci"`. */
  readonly step: string;
  /** Absent where the program was not started, or where BuildKit says something else of it. */
  readonly exitCode?: number;
  /** What it printed, and the runtime before it. */
  readonly output: readonly string[];
  readonly platform: string;
  readonly execution?: Task["execution"];
}

/**
 * The program of the step that failed. BuildKit says of every one of them: `process "…" did not complete successfully: …`
 * (moby/buildkit, `solver/llbsolver/ops/exec.go`).
 */
export function failedProgram({ step, platform }: FailedBuild): FailedProgram | undefined {
  if (step === undefined) return undefined;
  const [, command, reason] =
    /process "((?:[^"\\]|\\.)*)" did not complete successfully: (.*)/s.exec(step.error) ?? [];
  if (command === undefined || reason === undefined) return undefined;
  const exitCode = /^exit code: (\d+)/.exec(reason)?.[1];
  return {
    step: shownCommand(command),
    output: step.output,
    platform: step.platform ?? platform,
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    ...(step.execution === undefined ? {} : { execution: step.execution }),
  };
}

const longestCommand = 120;

/** As it was written, on one line and no longer than one, without the shell that BuildKit puts before it. */
function shownCommand(command: string): string {
  const plain = command
    .replaceAll(/\\(.)/g, (_, escaped: string) => (/[nrt]/.test(escaped) ? " " : escaped))
    .replace(/^(?:\/dev\/\.buildkit_qemu_emulator )?\/bin\/(?:ba|a)?sh (?:-\w+ )*-\w*c /, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  const isLong = plain.length > longestCommand;
  return `"${isLong ? `${plain.slice(0, longestCommand)}…` : plain}"`;
}

/** A rule about a program that ran: it looks at that program's own output, never at buildx's words. */
export function programRule(
  rule: (program: FailedProgram, failed: FailedBuild) => TransshipError | undefined,
): Rule {
  return (failed) => {
    const program = failedProgram(failed);
    return program === undefined ? undefined : rule(program, failed);
  };
}

/** The last line that matches any of the patterns, in the order of the patterns. */
export function lastMatch(
  lines: readonly string[],
  ...patterns: readonly RegExp[]
): RegExpExecArray | undefined {
  for (const pattern of patterns) {
    const found = lines.map((line) => pattern.exec(line)).findLast((match) => match !== null);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

/** What buildx's error says last: `failed to solve: …` without what stands before it. */
export function lastError(words: string): string {
  const lines = words.trim().split("\n");
  const at = lines.findLastIndex((line) => /^error:/i.test(line.trim()));
  const error = at === -1 ? (lines.at(-1) ?? "") : lines.slice(at).join(" ");
  return error
    .trim()
    .replace(/^error: (?:failed to build: )?/i, "")
    .replace(/^failed to solve: /, "");
}

/** A reason that can stand within a sentence. */
export function clause(text: string): string {
  return text.trim().replace(/\.$/, "") || "no reason was given";
}
