/** What a builder's nodes are, asked only where nothing nearer says it, and remembered. */
import type { Context } from "../context.ts";
import { askPlatform } from "../engine/endpoint.ts";
import type { EngineFacts } from "../engine/facts.ts";
import type { KeptNode } from "../engine/kept-builder.ts";
import { isFailure } from "../errors.ts";
import { formatPlatform, type Platform, readPlatform } from "../platform/platform.ts";
import { findBuilder, sameEndpoint } from "./builder.ts";
import type { ChosenBuilder } from "./choice.ts";
import { isDecided, type NodePlan, nodePlan, type PlannedNode } from "./node-plan.ts";
import { forget, remembered } from "../store/answers.ts";

/** What must be known of the engine. */
type EngineMachine = Pick<EngineFacts, "platform" | "context">;

type Asking = Pick<Context, "docker" | "runner" | "env">;

/**
 * Plans which node builds for which platform. Costs nothing for a builder of one node on the engine itself, whose `engine` is asked
 * anyway; another node's machine is asked once a day, what a BuildKit offers once an hour.
 * @throws the errors of {@link askPlatform} of a node that would build, INTERRUPTED, TERMINATED
 */
export async function planNodes(
  builder: ChosenBuilder,
  platforms: readonly Platform[],
  engine: Promise<EngineMachine> | undefined,
  context: Asking,
): Promise<NodePlan> {
  const first = await planOnce(builder, platforms, engine, context);
  if (!first.problems.some(({ kind }) => kind === "missing")) return first;
  // An emulator may have come since it was asked.
  await forget(offersKey(builder), context.env);
  return await planOnce(builder, platforms, engine, context);
}

async function planOnce(
  builder: ChosenBuilder,
  platforms: readonly Platform[],
  engine: Promise<EngineMachine> | undefined,
  context: Asking,
): Promise<NodePlan> {
  const silent = new Map<string, unknown>();
  const nodes = await lookAtNodes(builder, platforms, { engine, silent }, context);
  const plan = nodePlan(nodes, platforms);
  // One that does not answer is no obstacle to a build that does not need it.
  const needed = plan.assignments.find(({ node }) => silent.has(node));
  if (needed !== undefined) throw silent.get(needed.node);
  return plan;
}

async function lookAtNodes(
  builder: ChosenBuilder,
  platforms: readonly Platform[],
  {
    engine,
    silent,
  }: {
    readonly engine: Promise<EngineMachine> | undefined;
    /** Gets the nodes that do not answer, each with its failure. */
    readonly silent: Map<string, unknown>;
  },
  context: Asking,
): Promise<readonly PlannedNode[]> {
  const { driver, nodes, name } = builder;
  if (driver === "docker") {
    const facts = await engine;
    return [{ name, fixed: [], ...(facts === undefined ? {} : { native: facts.platform }) }];
  }
  const isAsked = driver !== "docker-container" || !isDecided(planned(nodes), platforms);
  const offers = isAsked ? await askOffers(builder, context) : undefined;
  const known = nodes.length > 0 ? nodes : (offers ?? []).map(withoutFixed);
  return await Promise.all(
    known.map(async ({ name: node, endpoint, platforms: fixed }) => {
      const offered = offers?.find((one) => one.name === node)?.platforms;
      const asked = { endpoint, fixed, platforms: offered };
      const native = await nativePlatform(driver, asked, engine, context).catch(
        (error: unknown) => {
          if (isFailure(error, "INTERRUPTED", "TERMINATED")) throw error;
          silent.set(node, error);
          return undefined;
        },
      );
      return knownNode({ name: node, fixed, offered, native });
    }),
  );
}

function knownNode({
  name,
  fixed,
  offered,
  native,
}: {
  readonly name: string;
  readonly fixed: readonly string[];
  readonly offered: readonly string[] | undefined;
  readonly native: Platform | undefined;
}): PlannedNode {
  return {
    name,
    fixed,
    ...(offered === undefined ? {} : { offered }),
    ...(native === undefined ? {} : { native }),
  };
}

/**
 * The platform whose programs a node's machine runs without an emulator: where BuildKit stands on an engine, that engine's; else the
 * first that BuildKit lists. `undefined` where neither says it. @throws the errors of {@link askPlatform}
 */
export async function nativePlatform(
  driver: string,
  node: {
    readonly endpoint: string;
    readonly fixed: readonly string[];
    /** Those that it is fixed to in front, as buildx lists them. */
    readonly platforms: readonly string[] | undefined;
  },
  engine: Promise<EngineMachine> | undefined,
  { runner, env }: Pick<Context, "runner" | "env">,
): Promise<Platform | undefined> {
  const { endpoint } = node;
  if (driver !== "docker-container") return firstOffered(node.platforms, node.fixed);
  const facts = await engine;
  const own = env["DOCKER_HOST"] || facts?.context;
  if (facts !== undefined && own !== undefined && sameEndpoint(endpoint, own))
    return facts.platform;
  const options = { key: machineKey(endpoint), forMs: 24 * 60 * 60_000, env };
  const [platform] = await remembered(options, async () => {
    return [formatPlatform(await askPlatform(endpoint, { runner }))];
  });
  return platform === undefined ? undefined : readPlatform(platform);
}

/** So that a node's machine is asked again. */
export async function forgetPlatform(endpoint: string, env: Context["env"]): Promise<void> {
  await forget(machineKey(endpoint), env);
}

function machineKey(endpoint: string): string {
  return `machine ${endpoint}`;
}

/** What each node offers, those that it is fixed to in front; none where buildx does not say it in time. */
async function askOffers(builder: ChosenBuilder, { docker, env }: Asking) {
  const options = { key: offersKey(builder), forMs: 60 * 60_000, env };
  try {
    const lines = await remembered(options, async () => {
      const found = await findBuilder(builder.name, docker);
      return (found?.nodes ?? [])
        .filter(({ status }) => status === "running")
        .map(({ name, platforms }) => `${name} ${platforms.join(",")}`);
    });
    return lines.map((line) => {
      const [name = "", platforms = ""] = line.split(" ");
      return { name, platforms: platforms.split(",").flatMap(normalized) };
    });
  } catch (error) {
    if (isFailure(error, "INTERRUPTED", "TERMINATED")) throw error;
    return undefined;
  }
}

/**
 * The platform of a machine whose engine cannot be asked: BuildKit lists its own first (moby/buildkit, `util/archutil/detect.go`).
 * buildx puts those that a node is fixed to before them, which hides it.
 */
function firstOffered(
  offered: readonly string[] | undefined,
  fixed: readonly string[],
): Platform | undefined {
  const [first] = offered ?? [];
  return first === undefined || fixed.length > 0 ? undefined : readPlatform(first);
}

function offersKey({ name, nodes }: ChosenBuilder): string {
  return `offers ${name} ${JSON.stringify(nodes)}`;
}

function planned(nodes: readonly KeptNode[]): readonly Pick<PlannedNode, "fixed">[] {
  return nodes.map(({ platforms }) => ({ fixed: platforms }));
}

/** Of a builder that buildx keeps no file of (a cloud's): which platforms are fixed cannot be known. */
function withoutFixed({ name }: { readonly name: string }) {
  return { name, endpoint: "", platforms: [] };
}

function normalized(platform: string): readonly string[] {
  const known = readPlatform(platform);
  return known === undefined ? [] : [formatPlatform(known)];
}
