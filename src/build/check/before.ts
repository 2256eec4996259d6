/** What is looked at before a build, all of it side by side: what would fail late, or go wrong without a word, is said at once. */
import type { Machine } from "../../builder/machine.ts";
import type { Context } from "../../context.ts";
import { offeredPlatforms } from "../../image/offered.ts";
import { runsNatively } from "../../platform/machine.ts";
import { formatPlatform } from "../../platform/platform.ts";
import { pauseFor } from "../../process/wait.ts";
import { refuseEmulation } from "../emulation/refusal.ts";
import type { Work } from "../produce.ts";
import { programSteps, type TargetStages } from "../stages.ts";
import { type BaseImage, baseCheck, baseImages } from "./base.ts";
import type { BuildCheck } from "./check.ts";
import { contextChecks, type ContextCheckOptions, lookAtContext } from "./context.ts";
import { diskChecks } from "./disk.ts";
import { dockerfileChecks } from "./dockerfile.ts";
import { emulatorChecks } from "./emulator.ts";
import { tellChecks } from "./verdict.ts";

export interface BeforeOptions {
  readonly work: Work;
  readonly targets: readonly TargetStages[];
  readonly machine: Machine | undefined;
  /** The store's directory. */
  readonly store: string;
}

/** How long a registry is waited for, in milliseconds. Its answer is kept all the same, for the next build. */
const registryPatienceMs = 350;

/** How long a registry may take to answer for the next build, in milliseconds. */
const registryDeadlineMs = 20_000;

/** Looks, and tells what it sees. @throws the error of what would fail, EMULATION_REFUSED */
export async function lookBefore(
  options: BeforeOptions,
  context: Context,
): Promise<readonly BuildCheck[]> {
  if (options.work.options.emulation === false) refuseEmulation(options);
  const begun = performance.now();
  const checks = await checksBefore(options, context);
  const text = `The checks before the build took ${Math.round(performance.now() - begun)} ms.`;
  context.report({ kind: "detail", text });
  tellChecks(checks, context.report);
  return checks;
}

async function checksBefore(
  options: BeforeOptions,
  context: Context,
): Promise<readonly BuildCheck[]> {
  const { work, targets, machine, store } = options;
  const endpoint = context.env["DOCKER_HOST"] || (machine?.context ?? "default");
  const looked = contextOptions(work, context);
  const looking = looked && lookAtContext(looked);
  const found = await Promise.all([
    looked === undefined ? [] : contextChecks(looked, looking),
    ofBases(options, context),
    ofEmulators(options, context),
    diskChecks({ store, endpoint, ...(machine === undefined ? {} : { engine: machine }) }),
  ]);
  // Not beside them: a registry is waited for a few hundred milliseconds, and would get none of them while this is at work.
  const look = await looking;
  return [...found.flat(), ...(await dockerfileChecks({ work, targets, look }, context))];
}

/** Nothing for a context that is no directory of this machine: it is not looked at. */
function contextOptions(
  { request, source }: Work,
  { signal }: Context,
): ContextCheckOptions | undefined {
  if (source.dockerfile === undefined) return undefined;
  const { context, dockerfile, platforms } = request;
  return { context, dockerfile, platforms, signal };
}

async function ofBases(
  { targets }: BeforeOptions,
  context: Context,
): Promise<readonly BuildCheck[]> {
  const checks = await Promise.all(
    baseImages(targets).map(async (base) => await ofBase(base, context)),
  );
  return checks.flat();
}

async function ofBase(base: BaseImage, context: Context): Promise<readonly BuildCheck[]> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(registryDeadlineMs)]);
  const asked = offeredPlatforms(base, { ...context, signal }).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  const late = patience(context.signal);
  late.catch(() => {});
  const offered = await Promise.race([asked, late]);
  if (typeof offered === "object" && !(offered instanceof Error)) return [baseCheck(base, offered)];
  const why = {
    late: `it did not answer within ${registryPatienceMs} ms`,
    absent: "nobody says it",
  };
  const reason = offered instanceof Error ? offered.message : why[offered ?? "absent"];
  const detail = `Whether ${base.name} exists for ${formatPlatform(base.platform)} is not known: ${reason}`;
  return [{ id: "base-image", status: "skip", detail }];
}

/** What has come in by then counts, though a busy machine has not got round to it yet. */
async function patience(signal: AbortSignal): Promise<"late"> {
  await pauseFor(registryPatienceMs, signal);
  await new Promise((resolve) => setImmediate(resolve));
  return "late";
}

async function ofEmulators(
  { work, targets }: BeforeOptions,
  context: Context,
): Promise<readonly BuildCheck[]> {
  const { builder, source } = work;
  // Where the Dockerfile is not known, any platform may have steps.
  const started =
    source.dockerfile === undefined
      ? targets.map(({ target, native }) => ({ platform: target, native }))
      : programSteps(targets);
  const foreign = started.filter(
    ({ platform, native }) => native !== undefined && !runsNatively(platform, native),
  );
  const named = foreign.map(({ platform }) => [formatPlatform(platform), platform] as const);
  const platforms = [...new Map(named).values()];
  return await emulatorChecks({ builder: builder.name, platforms }, context);
}
