/** What must be done so that a builder's further nodes are as they should be. */
import { nodeDeviation, type DesiredBuilder } from "../builder/configuration.ts";
import { contextOf, type DesiredNode } from "../builder/desired-nodes.ts";
import type { Builder, BuilderNode } from "../engine/buildx.ts";
import { isImageUnavailable } from "../engine/buildx.ts";
import { dockerArgv } from "../engine/docker.ts";
import {
  createContextArgs,
  endpointArgs,
  endpointFailure,
  removeContextArgs,
  updateContextArgs,
} from "../engine/endpoint.ts";
import {
  appendNodeArgs,
  fixPlatformsArgs,
  forgetNodeArgs,
  removeNodeCacheArgs,
  removeNodeContainerArgs,
} from "../engine/nodes.ts";
import { fail, isFailure } from "../errors.ts";
import { formatCommand } from "../process/command.ts";
import type { Step } from "../process/plan.ts";
import type { Carry } from "./plan.ts";

/**
 * The steps for the nodes behind the first; none where they are as they should be. `isNew` says that the builder is made anew before
 * them, and has none then. @throws the errors of {@link endpointFailure} where one that stays does not answer
 */
export function nodeSteps(
  existing: Builder | undefined,
  desired: DesiredBuilder,
  isNew: boolean,
  carry: Carry,
): readonly Step[] {
  const [, ...before] = existing?.nodes ?? [];
  const further = isNew ? [] : before;
  const wanted = new Map(desired.nodes.map((node) => [node.name, node]));
  const gone = further.filter(({ name }) => !wanted.has(name));
  const steps = [
    ...gone.map((node) => removalStep(node, desired, "that was asked for", "lost", carry)),
    ...desired.nodes.flatMap((node): readonly Step[] => {
      const there = further.find(({ name }) => name === node.name);
      if (there === undefined)
        return [additionStep(node, desired, reasonFor(existing, isNew), carry)];
      const deviates = nodeDeviation(there, node);
      if (deviates === undefined) return renewal(node, carry);
      return [
        removalStep(there, desired, `${deviates}; its cache is kept`, "kept", carry),
        additionStep(node, desired, "in place of the one that was removed", carry),
      ];
    }),
  ];
  const silent = before.find(({ name, error }) => error !== undefined && wanted.has(name));
  if (silent?.error !== undefined && (isNew || steps.some(({ id }) => id === "add-node"))) {
    // buildx adds nothing to a builder of which a node does not answer, and one made anew would lose it.
    throw endpointFailure(silent.endpoint, silent.error);
  }
  return steps;
}

function reasonFor(existing: Builder | undefined, isNew: boolean): string {
  return isNew && existing !== undefined ? "the builder had it before" : "that was asked for";
}

/**
 * Adds it. buildx gives the platforms of a node that is added to it alone, and where that fails leaves the others without
 * (docker/buildx, `store/nodegroup.go`, Copy): so the first gets its own back.
 */
function additionStep(
  node: DesiredNode,
  desired: DesiredBuilder,
  reason: string,
  carry: Carry,
): Step {
  const { name, configurationFile } = desired;
  const { secured } = node;
  const secure =
    secured === undefined ? [] : [createContextArgs(node.endpoint, secured.address, secured.tls)];
  const append = appendNodeArgs(name, node, configurationFile);
  return {
    id: "add-node",
    title: `Add the node ${node.name} (${node.platforms.join(", ")})`,
    reason,
    commands: [...secure, append].map(dockerArgv),
    async act() {
      for (const args of secure) {
        await carry(removeContextArgs(node.endpoint), true);
        await carry(args, false);
      }
      try {
        await carry(append, false);
      } catch (error) {
        await takeBack(node, desired, carry);
        throw nodeError(error, node);
      }
    },
  };
}

/** What is left of a node that could not be added goes, and the others are what they were. */
async function takeBack(node: DesiredNode, desired: DesiredBuilder, carry: Carry): Promise<void> {
  const { name, nodes, configurationFile } = desired;
  const others = nodes.filter((one) => one.name !== node.name);
  await carry(forgetNodeArgs(name, node.name), true);
  for (const one of [firstNode(desired, others), ...others]) {
    await carry(fixPlatformsArgs(name, one, configurationFile), true);
  }
  if (node.secured !== undefined) await carry(removeContextArgs(node.endpoint), true);
}

function removalStep(
  { name: node, endpoint }: BuilderNode,
  desired: DesiredBuilder,
  reason: string,
  cache: "kept" | "lost",
  carry: Carry,
): Step {
  const { name, nodes, configurationFile } = desired;
  const others = nodes.filter((one) => one.name !== node);
  const forget = [
    forgetNodeArgs(name, node),
    fixPlatformsArgs(name, firstNode(desired, others), configurationFile),
  ];
  const clear = [
    removeNodeContainerArgs(node, endpoint),
    ...(cache === "lost" ? [removeNodeCacheArgs(node, endpoint)] : []),
    ...(cache === "lost" && endpoint === contextOf(node) ? [removeContextArgs(endpoint)] : []),
  ];
  return {
    id: "remove-node",
    title: `Remove the node ${node}`,
    reason,
    commands: [...forget, ...clear].map(dockerArgv),
    async act() {
      for (const args of forget) await carry(args, false);
      // On a machine that does not answer its container stays, and does nothing.
      for (const args of clear) await carry(args, true);
    },
  };
}

/** The first node, with what it builds: all that no other is fixed to. */
function firstNode({ firstNode: name, platforms }: DesiredBuilder, others: readonly DesiredNode[]) {
  const taken = new Set(others.flatMap((node) => node.platforms));
  const left = platforms.filter((platform) => !taken.has(platform));
  return { name, platforms: left.length > 0 ? left : platforms };
}

/** Certificates that were named anew go into the context that holds them. */
function renewal({ endpoint, name, secured }: DesiredNode, carry: Carry): readonly Step[] {
  if (secured === undefined) return [];
  const args = updateContextArgs(endpoint, secured.address, secured.tls);
  return [
    {
      id: "renew-node",
      title: `Renew the certificates of the node ${name}`,
      reason: "they were named",
      commands: [dockerArgv(args)],
      act: async () => await carry(args, false),
    },
  ];
}

/** An image that the node cannot get is brought there by hand: that is told, with the command. */
function nodeError(error: unknown, node: DesiredNode): unknown {
  if (!isFailure(error) || !isImageUnavailable(error)) return error;
  const image = node.options["image"] ?? "moby/buildkit:buildx-stable-1";
  const target = formatCommand(dockerArgv([...endpointArgs(node.endpoint), "load"]));
  const load = `docker save ${image} | ${target}`;
  const reason = String(error.facts["output"]);
  return fail("NODE_IMAGE_MISSING", { image, node: node.name, load, reason });
}
