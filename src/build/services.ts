/** Several images of one project, one after the other, each as `build` builds one. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../context.ts";
import { layoutContext } from "../engine/build-settings.ts";
import { type ErrorCode, isFailure, type TransshipError } from "../errors.ts";
import { inTemporaryDirectory } from "../process/temporary.ts";
import { build, type BuildOptions, type BuildResult } from "./build.ts";

/** A service that is built. */
export interface ServiceBuild {
  readonly name: string;
  readonly options: BuildOptions;
  /** The Dockerfile itself, where it stands in no file. */
  readonly inlineDockerfile?: string;
  /** Services whose images it builds on, by the name that its Dockerfile has for each. */
  readonly needs: readonly { readonly name: string; readonly service: string }[];
}

export type ServiceOutcome = { readonly service: string } & (
  | { readonly kind: "done"; readonly result: BuildResult }
  | { readonly kind: "failed"; readonly error: TransshipError }
  /** Not begun, because of one before it. */
  | { readonly kind: "skipped"; readonly reason: string }
);

/** Failures that every other service would meet as well. */
const ofTheMachine: ReadonlySet<ErrorCode> = new Set([
  "DOCKER_MISSING",
  "ENGINE_UNREACHABLE",
  "ENGINE_PERMISSION_DENIED",
  "CONTEXT_UNKNOWN",
  "BUILDX_MISSING",
  "BUILDX_TOO_OLD",
  "DISK_FULL",
]);

/**
 * Builds them, those first that others need. An image that is refuted, or whose build fails, stops only what needs it; what is wrong
 * with the machine stops them all. One service alone fails as `build` does.
 * @throws the errors of {@link build} for one service, INTERRUPTED, TERMINATED
 */
export async function buildServices(
  services: readonly ServiceBuild[],
  context: Context,
): Promise<readonly ServiceOutcome[]> {
  const outcomes: ServiceOutcome[] = [];
  const order = inOrder(services);
  for (const [index, service] of order.entries()) {
    if (order.length > 1) announce(service.name, index, order.length, context);
    const reason = reasonToSkip(service, outcomes);
    outcomes.push(
      reason === undefined
        ? await buildService(service, outcomes, order.length === 1, context)
        : { service: service.name, kind: "skipped", reason },
    );
  }
  return outcomes;
}

function announce(name: string, index: number, number: number, { report }: Context): void {
  report({ kind: "step", title: `Build ${name}`, reason: `service ${index + 1} of ${number}` });
}

/** Each behind what it needs, otherwise as they come. Compose refuses circles; should one come through, it is broken where it closes. */
export function inOrder(services: readonly ServiceBuild[]): readonly ServiceBuild[] {
  const ordered = new Set<ServiceBuild>();
  const visited = new Set<ServiceBuild>();
  const visit = (service: ServiceBuild) => {
    if (visited.has(service)) return;
    visited.add(service);
    for (const need of service.needs) {
      const needed = services.find(({ name }) => name === need.service);
      if (needed !== undefined) visit(needed);
    }
    ordered.add(service);
  };
  for (const service of services) visit(service);
  return [...ordered];
}

function reasonToSkip(
  service: ServiceBuild,
  outcomes: readonly ServiceOutcome[],
): string | undefined {
  const stopped = outcomes.find((one) => one.kind === "failed" && ofTheMachine.has(one.error.code));
  if (stopped !== undefined) return `${stopped.service} failed before it`;
  const missing = service.needs.find(
    (need) => !outcomes.some((one) => one.service === need.service && isUsable(one)),
  );
  return missing === undefined ? undefined : `it needs ${missing.service}, which was not built`;
}

function isUsable(outcome: ServiceOutcome): boolean {
  return outcome.kind === "done" && outcome.result.outcome !== "refuted";
}

async function buildService(
  service: ServiceBuild,
  outcomes: readonly ServiceOutcome[],
  isAlone: boolean,
  context: Context,
): Promise<ServiceOutcome> {
  const { name } = service;
  try {
    const result = await withDockerfile(service, async (options) => {
      return await build(withNeeds(options, service, outcomes), context);
    });
    return { service: name, kind: "done", result };
  } catch (error) {
    if (isAlone || !isFailure(error) || ["INTERRUPTED", "TERMINATED"].includes(error.code))
      throw error;
    context.report({
      kind: "warning",
      text: `${name} was not built: error[${error.code}]: ${error.message}\n  → ${error.hint}`,
    });
    return { service: name, kind: "failed", error };
  }
}

/** The contexts that are images of other services: the bytes in the store that were checked. */
function withNeeds(
  options: BuildOptions,
  { needs }: ServiceBuild,
  outcomes: readonly ServiceOutcome[],
): BuildOptions {
  if (needs.length === 0) return options;
  const contexts = needs.flatMap((need) => {
    const outcome = outcomes.find(({ service }) => service === need.service);
    if (outcome?.kind !== "done") return [];
    // Nothing was built where only the commands are shown.
    const { store, digest = "DIGEST" } = outcome.result;
    return [layoutContext(need.name, path.resolve(store), digest)];
  });
  return { ...options, buildContexts: [...contexts, ...(options.buildContexts ?? [])] };
}

/** buildx reads a Dockerfile from a file. */
async function withDockerfile<Result>(
  { inlineDockerfile, options }: ServiceBuild,
  work: (options: BuildOptions) => Promise<Result>,
): Promise<Result> {
  if (inlineDockerfile === undefined) return await work(options);
  return await inTemporaryDirectory("build", async (directory) => {
    const dockerfile = path.join(directory, "Dockerfile");
    await writeFile(dockerfile, inlineDockerfile);
    return await work({ ...options, dockerfile });
  });
}
