/**
 * Why a build failed, read from the last words of buildx and BuildKit (moby/buildkit `solver/errdefs`,
 * `frontend/dockerfile/parser`, `executor`): the exit code is 1 for nearly everything.
 */
import { engineFailure } from "../engine/failure.ts";
import { fail, type TransshipError } from "../errors.ts";
import { type Argv, formatCommand } from "../process/command.ts";

export interface FailedBuild {
  readonly argv: Argv;
  readonly exitCode: number;
  /** What buildx wrote beside the steps' own output: its error, and what that stands on. */
  readonly words: string;
  /** The step that failed; absent where none did. */
  readonly step?: FailedStep;
  readonly dockerfile: string;
  readonly builder: string;
  /** `linux/arm64`: the first platform that needs an emulator, else the first. */
  readonly platform: string;
}

export interface FailedStep {
  /** `[linux/arm64 build 2/5] RUN npm ci`. */
  readonly name: string;
  readonly platform?: string;
  /** BuildKit's own reason. */
  readonly error: string;
  /** The last lines that it printed. */
  readonly output: readonly string[];
}

/** `words` is everything that was said at the end: the step's output, its error, then buildx's. */
type Rule = (words: string, build: FailedBuild) => TransshipError | undefined;

/** The error for a build that ended with another exit code than 0. */
export function buildFailure(build: FailedBuild): TransshipError {
  const { argv, exitCode, step } = build;
  const words = [...(step?.output ?? []), step?.error ?? "", build.words].join("\n");
  for (const rule of rules) {
    const found = rule(words, build);
    if (found !== undefined) return found;
  }
  const known = engineFailure({ exitCode, stderr: build.words });
  if (known !== undefined) return known;
  return fail("BUILD_FAILED", {
    command: formatCommand(argv),
    exitCode,
    reason: lastError(build.words),
  });
}

/** In this order: a later pattern may also stand in the words of an earlier cause. */
const rules: readonly Rule[] = [
  (words, { platform, step }) => {
    if (!/exec format error/i.test(words)) return undefined;
    const named = step?.platform ?? platform;
    return fail("EMULATOR_MISSING", {
      platform: named,
      architecture: named.split("/")[1] ?? named,
    });
  },
  (words, { platform, step }) => {
    const signal = /qemu: uncaught target signal (\d+)/.exec(words)?.[1];
    const code = /did not complete successfully: exit code: (132|139)\b/.exec(words)?.[1];
    if (signal === undefined && code === undefined) return undefined;
    const number = signal ?? String(Number(code) - 128);
    const facts = { step: stepIn(words), platform: step?.platform ?? platform };
    return fail("EMULATOR_CRASHED", { ...facts, signal: `signal ${number}` });
  },
  (words) =>
    /no space left on device/i.test(words)
      ? fail("DISK_FULL", { where: "the builder's disk" })
      : undefined,
  (words, { step }) => {
    const code = /did not complete successfully: exit code: (\d+)/.exec(words)?.[1];
    if (code === undefined) return undefined;
    return fail("BUILD_STEP_FAILED", {
      step: stepIn(words),
      exitCode: Number(code),
      output: step?.output.findLast((line) => line.trim() !== "")?.trim() ?? "",
    });
  },
  (words, { dockerfile }) =>
    /failed to read dockerfile: open [^:]+: no such file/i.test(words)
      ? fail("DOCKERFILE_MISSING", { dockerfile })
      : undefined,
  (words, { dockerfile }) => {
    const problem =
      /dockerfile parse error on line \d+: [^\n]+/i.exec(words)?.[0] ??
      /(?:failed to solve: )(the Dockerfile cannot be empty|file with no instructions|no build stage in current context|unknown flag: [^\n]+|failed to parse[^\n]+|base name \([^\n]+)/.exec(
        words,
      )?.[1];
    if (problem === undefined) return undefined;
    return fail("DOCKERFILE_INVALID", { dockerfile, problem: problem.trim().replace(/\.$/, "") });
  },
  (words) => {
    const target = /target stage "?([^"\s]+)"? could not be found/.exec(words)?.[1];
    return target === undefined ? undefined : fail("BUILD_TARGET_UNKNOWN", { target });
  },
  (words, { platform, step }) => {
    const image =
      /no match(?:ing manifest)? for (?:platform in manifest|\S+ in the manifest list entries)/.test(
        words,
      )
        ? (sourceIn(words) ?? "of the Dockerfile")
        : undefined;
    if (image === undefined) return undefined;
    return fail("BASE_PLATFORM_MISSING", { image, platform: step?.platform ?? platform });
  },
  (words) => {
    const image = sourceIn(words);
    return image === undefined
      ? undefined
      : fail("BASE_IMAGE_UNAVAILABLE", {
          image: image.replace(/@sha256:[0-9a-f]+$/, ""),
          reason: reasonAfter(words, image),
        });
  },
  (words) => {
    const file =
      /failed to (?:compute cache key|calculate checksum of ref)[^\n]*"([^"\n]+)": not found/.exec(
        words,
      )?.[1];
    return file === undefined ? undefined : fail("BUILD_FILE_MISSING", { file });
  },
  (words, { builder }) => {
    const name = /no builder "([^"]+)" found/.exec(words)?.[1];
    if (name === undefined) return undefined;
    return fail("BUILDER_MISSING", { builder, reason: "buildx does not know it" });
  },
  (words) => {
    const problem = /unknown (?:shorthand )?flag: [^\n]+|flag needs an argument: [^\n]+/.exec(
      words,
    )?.[0];
    if (problem === undefined) return undefined;
    return fail("USAGE", { problem: `buildx says: ${problem}.`, command: "docker buildx build" });
  },
];

/** The image that could not be resolved. */
function sourceIn(words: string): string | undefined {
  return /failed to resolve source metadata for ([^\s:]+(?::\d+\/[^\s:]+)?(?::[^\s:]+)?(?:@sha256:[0-9a-f]+)?): /.exec(
    words,
  )?.[1];
}

function reasonAfter(words: string, image: string): string {
  const at = words.lastIndexOf(`${image}: `);
  const [line = ""] = words.slice(at + image.length + 2).split("\n");
  return line.trim().replace(/\.$/, "") || "no reason was given";
}

/** The command of the step that failed, as the Dockerfile says it. */
function stepIn(words: string): string {
  const command = /process "((?:[^"\\]|\\.)*)" did not complete successfully/.exec(words)?.[1];
  return command === undefined ? "of the build" : `"${command.replace(/^\/bin\/sh -c /, "")}"`;
}

function lastError(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const error = lines.findLast((line) => /^error:/i.test(line.trim())) ?? lines.at(-1) ?? "";
  return error.trim().replace(/^error: (?:failed to build: )?/i, "");
}
