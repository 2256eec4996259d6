/** One run of buildx, from its arguments to what it says of what it made. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { clearFullBuilder } from "../builder/room.ts";
import type { Context } from "../context.ts";
import {
  type BuildCommand,
  buildArgs,
  buildEnvironment,
  type BuildMetadata,
  type BuildOutput,
  readBuildMetadata,
} from "../engine/build.ts";
import { dockerArgv } from "../engine/docker.ts";
import { isFailure, type TransshipError } from "../errors.ts";
import { startGuard } from "../process/guard.ts";
import type { Finished } from "../process/run.ts";
import { inTemporaryDirectory } from "../process/temporary.ts";
import { pauseFor } from "../process/wait.ts";
import { diagnose } from "./diagnosis/diagnosis.ts";
import type { FailedStep } from "./diagnosis/failed-build.ts";
import { waitForEnd } from "./ended.ts";
import { watchExport } from "./progress/exporting.ts";
import type { BuildProgress, Run } from "./progress/progress.ts";
import { watchStalls } from "./progress/stall.ts";

/** Hours, not minutes: an emulated compiler is slow, and whoever waits can interrupt. */
const buildDeadlineMs = 24 * 60 * 60_000;
const mostTries = 8;
const guardDeadlineMs = 5_000;

export interface RunOptions {
  /** Which platform an emulator's failure is about, where the builder's words do not say. */
  readonly platform: string;
  readonly progress: BuildProgress;
  /** The Dockerfile's text, for a failure to show its lines. */
  readonly text: string | undefined;
}

/**
 * Runs the build and returns what it wrote. buildx ends a build that is interrupted by SIGINT in order.
 * @throws the errors of {@link diagnose}, INTERRUPTED, TERMINATED
 */
export async function runBuild(
  command: Omit<BuildCommand, "metadataFile">,
  options: RunOptions,
  context: Context,
): Promise<BuildMetadata> {
  return await inTemporaryDirectory("build", async (directory) => {
    const metadataFile = path.join(directory, "metadata.json");
    const complete = { ...command, metadataFile };
    context.report({ kind: "command", argv: dockerArgv(buildArgs(complete)) });
    await guarded(directory, async () => await carryOutBuild(complete, options, context));
    return readBuildMetadata(await readFile(metadataFile, "utf8"));
  });
}

/** Where we are killed, a buildx that nobody waits for is ended too: its steps would run on in the builder. */
async function guarded(directory: string, work: () => Promise<void>): Promise<void> {
  const guard = startGuard([
    // The directory stands in its command line, and in no other.
    { command: ["pkill", "-INT", "-f", directory] },
    { command: ["rm", "-rf", directory] },
  ]);
  try {
    await work();
  } finally {
    guard.expect([]);
    await guard.release("once", guardDeadlineMs);
  }
}

async function carryOutBuild(
  command: BuildCommand,
  options: RunOptions,
  context: Context,
): Promise<void> {
  const begunAt = Date.now();
  try {
    await buildAgain(command, options, context);
  } catch (error) {
    const isEnded = context.signal.aborted || options.progress.signal.aborted;
    if (isEnded) await waitForEnd({ ...command, begunAt }, context);
    throw error;
  }
}

/** Where another build was writing the store at the same moment, the same is built once more. */
async function buildAgain(
  command: BuildCommand,
  options: RunOptions,
  context: Context,
): Promise<void> {
  const { runner, report, signal } = context;
  let isCleared = false;
  for (let attempt = 1; ; attempt += 1) {
    const run = options.progress.begin(command.platforms);
    const stopWatching = watchStalls(run.steps, report);
    const { output } = command;
    const stopLooking = output.kind === "layout" ? watchExport(run, output.directory) : () => {};
    const finished = await runner
      .run(dockerArgv(buildArgs(command)), {
        deadlineMs: buildDeadlineMs,
        cancelWith: "SIGINT",
        env: buildEnvironment,
        signal: AbortSignal.any([signal, options.progress.signal]),
        onErrorLine: (line) => run.line(line),
      })
      .finally(() => {
        stopWatching();
        stopLooking();
        run.end();
      });
    if (finished.exitCode === 0) return;
    const words = run.words();
    if (attempt === mostTries || !isCollision(words)) {
      const error = failure(finished, { words, run, command, options });
      if (isCleared || !isBuilderFull(error, words, output)) throw error;
      isCleared = true;
      if (!(await clearFullBuilder(command.builder, context))) throw error;
      continue;
    }
    report({ kind: "detail", text: "Another build was writing the store; building again." });
    await pauseFor(50 * attempt * (1 + Math.random()), signal);
  }
}

/**
 * Whether another build wrote into the layout at the same moment: BuildKit's client takes the lock of index.json without
 * waiting (moby/buildkit, `client/ociindex`), and two that write one blob share its temporary directory (containerd,
 * `plugins/content/local`).
 */
function isCollision(words: string): boolean {
  return (
    /could not lock(?!.*no such file)|resource temporarily unavailable/.test(words) ||
    /[/\\]ingest[/\\][0-9a-f]{64}.*no such file|ref \S+ locked/.test(words)
  );
}

/** Whether the builder itself had no room: neither a step that filled something, nor the store that is written to from here. */
function isBuilderFull(error: TransshipError, words: string, output: BuildOutput): boolean {
  if (!isFailure(error, "DISK_FULL") || error.facts["where"] !== "the builder's disk") return false;
  return output.kind !== "layout" || !words.includes(output.directory);
}

function failure(
  { argv, exitCode }: Finished,
  {
    words,
    run,
    command: { dockerfile, builder },
    options: { platform, text },
  }: {
    readonly words: string;
    readonly run: Run;
    readonly command: BuildCommand;
    readonly options: RunOptions;
  },
): TransshipError {
  const step = failedStep(run, words);
  return diagnose({
    argv,
    exitCode,
    words,
    dockerfile,
    builder,
    platform,
    ...(text === undefined ? {} : { source: text }),
    ...(step === undefined ? {} : { step }),
  });
}

function failedStep({ steps }: Run, words: string): FailedStep | undefined {
  const step = steps.failedIn(words);
  if (step === undefined) return undefined;
  const { platform, execution } = steps.taskOf(step, 0);
  return {
    name: step.name,
    error: step.error ?? "",
    output: steps.tailOf(step),
    ...(platform === undefined ? {} : { platform }),
    ...(execution === undefined ? {} : { execution }),
  };
}
