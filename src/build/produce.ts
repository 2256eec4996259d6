/** Builds once, whichever way the builder has into the store. */
import type { ChosenBuilder } from "../builder/choice.ts";
import type { Context } from "../context.ts";
import type { BuildCommand, BuildMetadata, BuildOutput } from "../engine/build.ts";
import { cacheOfPlatforms } from "../engine/cache.ts";
import type { EngineFacts } from "../engine/facts.ts";
import { removeImageArgs } from "../engine/images.ts";
import { fail } from "../errors.ts";
import { readImage } from "../image/image.ts";
import { plainIndex } from "../image/loadable.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { canonicalName } from "../oci/reference.ts";
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform, parsePlatform, type Platform } from "../platform/platform.ts";
import type { Store } from "../store/store.ts";
import { joinParts, nodeFailure, type Part, platformGroups } from "./parts.ts";
import type { BuildProgress } from "./progress/progress.ts";
import { storeFromEngine } from "./read-back.ts";
import type { BuildOptions, BuildRequest } from "./request.ts";
import { runBuild, type RunOptions } from "./run.ts";
import type { BuildSource } from "./source.ts";

export interface Work {
  readonly options: BuildOptions;
  readonly request: BuildRequest;
  readonly builder: ChosenBuilder;
  readonly source: BuildSource;
}

/** Work that is being done. */
export interface RunningWork extends Work {
  readonly progress: BuildProgress;
}

export interface Built {
  readonly root: Descriptor;
  /** What each run of buildx built. */
  readonly parts: readonly BuiltPart[];
}

interface BuiltPart extends Part {
  /** The platform of the machine that built it, where it says so. */
  readonly native?: Platform;
}

/** The build as buildx is told it; the metadata file is named where it is run. */
export function buildCommand(
  { options, request, builder }: Omit<Work, "source">,
  output: BuildOutput,
): Omit<BuildCommand, "metadataFile"> {
  const { platforms, dockerfile, context } = request;
  return { ...options, platforms, dockerfile, context, builder: builder.name, output };
}

/** @throws the errors of {@link runBuild}, the engine's and the store's */
export async function buildOnce(
  work: RunningWork,
  store: Store,
  engine: Promise<EngineFacts> | undefined,
  context: Context,
): Promise<Built> {
  const { request, builder } = work;
  const name = canonicalName(request.reference);
  const isClassic =
    builder.driver === "docker" && (await engineOf(engine)).imageStore === "classic";
  const named = await foreignPlatform(request, engine, isClassic);
  if (isClassic) return await buildThroughEngine(work, store, named, context);
  const groups = await platformGroups(work, engine, context);
  const [only, another] = groups;
  if (only !== undefined && another === undefined) {
    const part = await buildIntoStore(work, store, named, context).catch(async (error: unknown) => {
      throw await nodeFailure(error, builder, context);
    });
    return { root: part.root, parts: [part] };
  }
  const parts = await Promise.all(
    groups.map(async (platforms) => {
      const own = { ...work, ...ofNode(work, platforms) };
      return await buildIntoStore(own, store, named, context).catch(async (error: unknown) => {
        const failure = await nodeFailure(error, builder, context);
        // What the others would still build nobody will get.
        work.progress.stop(failure);
        throw failure;
      });
    }),
  );
  const root = await joinParts(parts, store);
  await store.name(name, root);
  return { root, parts };
}

/** What one node of several is asked for: its platforms, their cache in a place of its own. */
function ofNode(
  { request, options }: Work,
  platforms: readonly Platform[],
): Pick<Work, "request" | "options"> {
  const own = (specs: readonly string[] = []) =>
    specs.map((spec) => cacheOfPlatforms(spec, platforms) ?? spec);
  const { cacheFrom, cacheTo } = options;
  return {
    request: { ...request, platforms },
    options: { ...options, cacheFrom: own(cacheFrom), cacheTo: own(cacheTo) },
  };
}

async function buildIntoStore(
  work: RunningWork,
  store: Store,
  platform: string,
  context: Context,
): Promise<BuiltPart> {
  const name = canonicalName(work.request.reference);
  const output: BuildOutput = { kind: "layout", directory: store.directory, name };
  const options = runOptions(work, platform);
  const metadata = await runBuild(buildCommand(work, output), options, context);
  const root = metadata.root ?? (await store.find(name));
  if (root === undefined)
    throw fail("IMAGE_MISSING", { image: name, where: `the store ${store.directory}` });
  await store.touch(root.digest);
  return partOf(root, work, metadata);
}

/** One platform after the other, as the classic image store holds them; several are joined in an index of ours. */
async function buildThroughEngine(
  work: RunningWork,
  store: Store,
  platform: string,
  context: Context,
): Promise<Built> {
  const name = canonicalName(work.request.reference);
  const parts: BuiltPart[] = [];
  for (const one of work.request.platforms) {
    const single = { ...work, request: { ...work.request, platforms: [one] } };
    parts.push(await buildOneThroughEngine(single, store, platform, context));
  }
  const [first, another] = parts;
  if (first === undefined || another !== undefined) {
    const images = await Promise.all(
      parts.map(async ({ root }) => await readImage(root, { source: store, name })),
    );
    const index = plainIndex(images.flatMap(({ platforms }) => platforms));
    const root = await store.write(mediaTypes.index, index);
    await store.name(name, root);
    return { root, parts };
  }
  return { root: first.root, parts };
}

/** Under a name of its own until it is proven. */
async function buildOneThroughEngine(
  work: RunningWork,
  store: Store,
  platform: string,
  context: Context,
): Promise<BuiltPart> {
  const tag = `transship/build:${context.runId}`;
  try {
    const command = buildCommand(work, { kind: "engine", tag });
    const metadata = await runBuild(command, runOptions(work, platform), context);
    const name = canonicalName(work.request.reference);
    return partOf(await storeFromEngine(tag, { store, name }, context), work, metadata);
  } finally {
    await context.docker
      .attempt(removeImageArgs(tag), { signal: AbortSignal.timeout(30_000) })
      .catch(() => {});
  }
}

function runOptions({ progress, source: { text } }: RunningWork, platform: string): RunOptions {
  return { platform, progress, text };
}

function partOf(
  root: Descriptor,
  { request: { platforms } }: Work,
  { native }: BuildMetadata,
): BuiltPart {
  return { root, platforms, ...(native === undefined ? {} : { native }) };
}

/** Which platform an emulator's failure is about, where the builder's words do not say. */
async function foreignPlatform(
  { platforms }: BuildRequest,
  engine: Promise<EngineFacts> | undefined,
  mayWait: boolean,
): Promise<string> {
  const native = mayWait ? (await engineOf(engine)).platform : parsePlatform(nodePlatform());
  const foreign = platforms.find((platform) => !runsNatively(platform, native));
  const [first] = platforms;
  const named = foreign ?? first;
  return named === undefined ? "" : formatPlatform(named);
}

function nodePlatform(): string {
  return process.arch === "arm64" ? "linux/arm64" : "linux/amd64";
}

/** What the engine said of itself, where it was asked. */
export async function engineOf(engine: Promise<EngineFacts> | undefined): Promise<EngineFacts> {
  if (engine === undefined) throw new TypeError("the engine was not asked");
  return await engine;
}
