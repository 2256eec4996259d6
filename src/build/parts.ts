/**
 * A build that several nodes of a builder share. buildx writes no OCI layout from more than one node at once (docker/buildx,
 * `build/build.go`: "oci for multi-node builds currently not supported"), so each node's platforms are built by themselves, and
 * joined in one index of ours that keeps what BuildKit attests of each.
 */
import type { ChosenBuilder } from "../builder/choice.ts";
import { missingPlatformFailure, nodeWarnings } from "../builder/node-plan.ts";
import { planNodes } from "../builder/nodes.ts";
import type { Context } from "../context.ts";
import { askPlatform } from "../engine/endpoint.ts";
import type { EngineFacts } from "../engine/facts.ts";
import { isFailure } from "../errors.ts";
import { type Descriptor, isIndex, mediaTypes, parseIndex } from "../oci/document.ts";
import type { Platform } from "../platform/platform.ts";
import type { Store } from "../store/store.ts";
import type { Work } from "./produce.ts";

/**
 * The platforms of each node that builds, in the order in which they are wanted; all in one group where one node does.
 * @throws NODE_PLATFORM_MISSING, and why a node that is needed does not answer
 */
export async function platformGroups(
  { builder, request: { platforms } }: Pick<Work, "builder" | "request">,
  engine: Promise<EngineFacts> | undefined,
  context: Pick<Context, "docker" | "runner" | "env" | "report">,
): Promise<readonly (readonly Platform[])[]> {
  if (builder.nodes.length < 2) return [platforms];
  const plan = await planNodes(builder, platforms, engine, context);
  const missing = missingPlatformFailure(plan, builder.name);
  if (missing !== undefined) throw missing;
  for (const text of nodeWarnings(plan, builder.name)) context.report({ kind: "warning", text });
  return [...Map.groupBy(plan.assignments, ({ node }) => node).values()].map((group) =>
    group.map(({ platform }) => platform),
  );
}

/**
 * Why a build of several nodes failed, where that is a node which does not answer: buildx says no more of it than "the other end".
 * @returns the error of that node, else the one given
 */
export async function nodeFailure(
  failure: unknown,
  { nodes, driver }: ChosenBuilder,
  { runner }: Pick<Context, "runner">,
): Promise<unknown> {
  const [, ...further] = nodes;
  if (!isFailure(failure, "ENGINE_UNREACHABLE") || driver !== "docker-container") return failure;
  const reasons = await Promise.all(
    further.map(async ({ endpoint }) => {
      return await askPlatform(endpoint, { runner }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
    }),
  );
  return reasons.find((reason) => isFailure(reason)) ?? failure;
}

/** What one node built. */
export interface Part {
  readonly root: Descriptor;
  readonly platforms: readonly Platform[];
}

/** Writes the index of all parts into the store, with their attestations. */
export async function joinParts(parts: readonly Part[], store: Store): Promise<Descriptor> {
  const manifests = await Promise.all(
    parts.map(async ({ root, platforms }) => {
      if (isIndex(root)) return parseIndex(await store.read(root)).manifests;
      const [platform] = platforms;
      const { mediaType, digest, size } = root;
      return [{ mediaType, digest, size, ...(platform === undefined ? {} : { platform }) }];
    }),
  );
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: manifests.flat() };
  return await store.write(mediaTypes.index, Buffer.from(JSON.stringify(index)));
}
