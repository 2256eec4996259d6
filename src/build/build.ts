/** `transship build`: one buildx run into the store, the proof from there, then to where the image was meant to go. */
import { chooseBuilder } from "../builder/choice.ts";
import { speaksPlainHttp } from "../builder/registries.ts";
import type { Context } from "../context.ts";
import { isFailure } from "../errors.ts";
import type { Descriptor } from "../oci/document.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import { runsNatively } from "../platform/machine.ts";
import { parsePlatform, samePlatform } from "../platform/platform.ts";
import { type PushResult, pushImage } from "../registry/push.ts";
import { logDirectory, storeDirectory } from "../store/directory.ts";
import { noteWaiting } from "../process/lock.ts";
import { openStore, type Store } from "../store/store.ts";
import type { VerifyResult } from "../verify/verify.ts";
import { lookBefore } from "./check/before.ts";
import { explainEmulation } from "./emulation/explain.ts";
import { loadImage } from "./load.ts";
import { identify } from "./origin.ts";
import { planBuild } from "./plan.ts";
import type { Work } from "./produce.ts";
import { buildSteps, emulationLedger } from "./progress/ledger.ts";
import { type BuildLog, openBuildLog } from "./progress/log.ts";
import { BuildProgress } from "./progress/progress.ts";
import { askEngine } from "./questions.ts";
import { type BuildOptions, type BuildRequest, buildRequest } from "./request.ts";
import type { BuildResult, BuiltPlatform } from "./result.ts";
import { readSource } from "./source.ts";
import type { TargetStages } from "./stages.ts";
import { watchSurroundings } from "./surroundings.ts";
import { buildAndVerify } from "./verified.ts";

export type { BuildOptions } from "./request.ts";
export type { BuildResult } from "./result.ts";

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
  if (options.dryRun === true) return await planBuild(work, directory, context);
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
    identify: (name, platforms) => identify(name, surroundings.now(platforms)),
    log,
    report: context.report,
    isRaw: options.progress === "rawjson",
    isEmulationRefused: options.emulation === false,
  });
  const running = { ...work, progress };
  // What was kept of the machine is good enough to warn by, and not to refuse by.
  await (options.emulation === false ? surroundings.certain : surroundings.settled);
  const machine = await questions.machine;
  const facts = { work, targets: surroundings.now(), machine, store: store.directory };
  const checks = await lookBefore(facts, context);
  const { built, verified, load } = await buildAndVerify(running, store, questions, context);
  await surroundings.certain;
  for (const { native, platforms } of built.parts) surroundings.learn(native, platforms);
  const targets = surroundings.now();
  const explanation =
    options.explainEmulation === true
      ? explainEmulation({ source: work.source, targets }, progress.steps)
      : undefined;
  const result = {
    image,
    verdict: verified.verdict,
    digest: built.root.digest,
    platforms: withExecution(verified, targets),
    checks,
    steps: buildSteps(progress.steps),
    emulation: emulationLedger(progress.steps, progress.workedMs),
    ...(explanation === undefined ? {} : { explanation }),
    store: store.directory,
  };
  const isRefuted = verified.verdict === "refuted";
  const isLoaded = !isRefuted || options.loadAnyway === true;
  const loaded = load !== undefined && isLoaded ? await loadImage(load, context) : [];
  if (isRefuted) return { ...result, outcome: "refuted", loaded };
  if (request.pushTo === undefined) return { ...result, outcome: "built", loaded };
  const pushed = await pushBuilt(request.pushTo, { request, store, root: built.root }, context);
  return { ...result, outcome: "built", loaded, pushed };
}

async function pushBuilt(
  reference: Reference,
  {
    request,
    store,
    root,
  }: { readonly request: BuildRequest; readonly store: Store; readonly root: Descriptor },
  context: Context,
): Promise<PushResult> {
  const plainHttp =
    request.plainHttp === true || (await speaksPlainHttp(reference.registry, context.env));
  return await pushImage({ store, root, reference, plainHttp }, context);
}

function withExecution(
  { platforms }: VerifyResult,
  targets: readonly TargetStages[],
): readonly BuiltPlatform[] {
  return platforms.map((one) => {
    const platform = parsePlatform(one.platform);
    const native = targets.find(({ target }) => samePlatform(target, platform))?.native;
    const isNative = native !== undefined && runsNatively(platform, native);
    return { ...one, execution: isNative ? "native" : "emulated" };
  });
}
