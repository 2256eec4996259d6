/** `transship build`: one buildx run into the store, the proof from there, then to where the image was meant to go. */
import { chooseBuilder } from "../builder/choice.ts";
import type { Context } from "../context.ts";
import { buildArgs, type BuildOutput } from "../engine/build.ts";
import { dockerArgv } from "../engine/docker.ts";
import { labelArgs, loadImageArgs } from "../engine/images.ts";
import { isFailure } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import { canonicalName, familiarName } from "../oci/reference.ts";
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform, parsePlatform, type Platform } from "../platform/platform.ts";
import { pushImage, type PushResult } from "../registry/push.ts";
import { logDirectory, storeDirectory } from "../store/directory.ts";
import { noteWaiting } from "../store/lock.ts";
import { openStore, type Store } from "../store/store.ts";
import type { PlatformVerdict, Verdict, VerifyResult } from "../verify/verify.ts";
import { lookBefore } from "./check/before.ts";
import type { BuildCheck } from "./check/check.ts";
import { type LoadedImage, loadImage } from "./load.ts";
import { identify } from "./origin.ts";
import { buildCommand, type Work } from "./produce.ts";
import {
  type BuildStep,
  buildSteps,
  type EmulationLedger,
  emulationLedger,
} from "./progress/ledger.ts";
import { type BuildLog, openBuildLog } from "./progress/log.ts";
import { BuildProgress } from "./progress/progress.ts";
import { askEngine } from "./questions.ts";
import { type BuildOptions, buildRequest } from "./request.ts";
import { readSource } from "./source.ts";
import { watchSurroundings } from "./surroundings.ts";
import { buildAndVerify } from "./verified.ts";

export type { BuildOptions } from "./request.ts";

interface BuiltPlatform extends PlatformVerdict {
  /** Whether the machine that built runs the platform's programs without an emulator. */
  readonly execution: "native" | "emulated";
}

export interface BuildResult {
  /** `rustci:local-amd64`. */
  readonly image: string;
  readonly outcome: "built" | "refuted" | "planned";
  readonly verdict: Verdict;
  /** Of the manifest or index in the store. */
  readonly digest?: Digest;
  readonly platforms: readonly BuiltPlatform[];
  readonly loaded: readonly LoadedImage[];
  readonly pushed?: PushResult;
  /** What was looked at before it began. */
  readonly checks: readonly BuildCheck[];
  /** What was done, in BuildKit's order. */
  readonly steps: readonly BuildStep[];
  /** What ran under an emulator, and what that cost; absent where nothing was built. */
  readonly emulation?: EmulationLedger;
  /** The file with all that buildx said; absent where none could be kept. */
  readonly log?: string;
  /** The store's directory. */
  readonly store: string;
}

/**
 * @throws CONTEXT_MISSING, DOCKERFILE_MISSING, BUILDER_MISSING, the errors of {@link buildOnce}, of the store, the engine and
 * the registry, LABEL_DIFFERS
 */
export async function build(options: BuildOptions, context: Context): Promise<BuildResult> {
  const request = buildRequest(options);
  const source = await readSource(request);
  const builder = await chooseBuilder(options.builder, context);
  const directory = storeDirectory({ flag: options.store, env: context.env });
  const work = { options, request, builder, source };
  if (options.dryRun === true) return plan(work, directory, context);
  const store = await openStore(directory, context.signal);
  const lock = await store.lock("shared", {
    purpose: "transship build",
    waiting: noteWaiting(context.report),
  });
  try {
    // A list of names that cannot be read would fail the build at its very end.
    await store.names();
    return await withLog(work, store, context);
  } finally {
    await lock.release();
  }
}

/** Builds, with a log of all that is said. An error tells where it is. */
async function withLog(work: Work, store: Store, context: Context): Promise<BuildResult> {
  const log = await openBuildLog(logDirectory(context.env), context);
  try {
    const result = await buildAndDeliver(work, { store, log }, context);
    return log.file === undefined ? result : { ...result, log: log.file };
  } catch (error) {
    if (!isFailure(error) || log.file === undefined) throw error;
    throw error.with({ facts: { log: log.file } });
  } finally {
    await log.close();
  }
}

function plan(
  { options, request, builder }: Work,
  store: string,
  { report }: Context,
): BuildResult {
  const { reference, platforms } = request;
  const output: BuildOutput = { kind: "layout", directory: store, name: canonicalName(reference) };
  const command = {
    ...buildCommand({ options, request, builder }, output),
    metadataFile: "metadata.json",
  };
  report({ kind: "command", argv: dockerArgv(buildArgs(command)) });
  if (request.load) {
    report({ kind: "command", argv: dockerArgv(loadImageArgs()) });
    report({ kind: "command", argv: dockerArgv(labelArgs(familiarName(reference))) });
  }
  if (request.pushTo !== undefined) {
    const text = `Then ${familiarName(request.pushTo)} would be pushed from the store, missing blobs only.`;
    report({ kind: "note", text });
  }
  const image = familiarName(reference);
  const text = `Platforms: ${platforms.map(formatPlatform).join(", ")}; builder ${builder.name}.`;
  report({ kind: "detail", text });
  return {
    image,
    outcome: "planned",
    verdict: "unproven",
    platforms: [],
    loaded: [],
    checks: [],
    steps: [],
    store,
  };
}

async function buildAndDeliver(
  work: Work,
  { store, log }: { readonly store: Store; readonly log: BuildLog },
  context: Context,
): Promise<BuildResult> {
  const { request, options } = work;
  const image = familiarName(request.reference);
  const questions = askEngine(work, image, context);
  const surroundings = watchSurroundings(work, questions, context);
  const progress = new BuildProgress({
    identify: (name) => identify(name, surroundings.now()),
    log,
    report: context.report,
    isRaw: options.progress === "rawjson",
    isEmulationRefused: options.emulation === false,
  });
  const running = { ...work, progress };
  // What was kept of the machine is good enough to warn by, and not to refuse by.
  await (options.emulation === false ? surroundings.certain : surroundings.settled);
  const machine = await questions.machine;
  const { native, targets } = surroundings.now();
  const facts = { work, targets, native, machine, store: store.directory };
  const checks = await lookBefore(facts, context);
  const { built, verified, load } = await buildAndVerify(running, store, questions, context);
  await surroundings.certain;
  surroundings.learn(built.native);
  const result = {
    image,
    verdict: verified.verdict,
    digest: built.root.digest,
    platforms: withExecution(verified, surroundings.now().native),
    checks,
    steps: buildSteps(progress.steps),
    emulation: emulationLedger(progress.steps, progress.workedMs),
    store: store.directory,
  };
  const isRefuted = verified.verdict === "refuted";
  const isLoaded = !isRefuted || options.loadAnyway === true;
  const loaded = load !== undefined && isLoaded ? await loadImage(load, context) : [];
  if (isRefuted) return { ...result, outcome: "refuted", loaded };
  if (request.pushTo === undefined) return { ...result, outcome: "built", loaded };
  const pushed = await pushImage({ store, root: built.root, reference: request.pushTo }, context);
  return { ...result, outcome: "built", loaded, pushed };
}

function withExecution(
  { platforms }: VerifyResult,
  native: Platform | undefined,
): readonly BuiltPlatform[] {
  return platforms.map((one) => {
    const isNative = native !== undefined && runsNatively(parsePlatform(one.platform), native);
    return { ...one, execution: isNative ? "native" : "emulated" };
  });
}
