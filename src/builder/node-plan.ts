/**
 * Which node of a builder builds for which platform, as buildx decides it (docker/buildx, `build/resolver/driver.go`): the first
 * node that is fixed to exactly that platform. Where one of the platforms has none, all are decided anew among whatever each node's
 * BuildKit offers, emulated or not, and what nobody offers falls silently to the first node.
 */
import { fail, type TransshipError } from "../errors.ts";
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform, type Platform, readPlatform } from "../platform/platform.ts";

export interface PlannedNode {
  readonly name: string;
  /** Fixed when it was added: `linux/arm64`. */
  readonly fixed: readonly string[];
  /** What its BuildKit offers beside those; `undefined` where it was not asked. */
  readonly offered?: readonly string[];
  /** The platform of its machine, whose programs run without an emulator; `undefined` where nobody knows. */
  readonly native?: Platform;
}

interface NodeAssignment {
  readonly platform: Platform;
  /** The node's name. */
  readonly node: string;
  /** Whether that node runs the platform's programs without an emulator; `undefined` where nobody knows. */
  readonly native: boolean | undefined;
}

type NodeProblem =
  /** Nobody offers it, so it falls to the first node. Steps that run its programs there cannot. */
  | { readonly kind: "missing"; readonly platform: Platform; readonly first: string }
  /** It is emulated on one node, though another runs its programs itself. */
  | {
      readonly kind: "emulated";
      readonly platform: Platform;
      readonly node: string;
      readonly better: string;
    };

export interface NodePlan {
  readonly nodes: readonly PlannedNode[];
  readonly assignments: readonly NodeAssignment[];
  readonly problems: readonly NodeProblem[];
}

/** Whether the platforms that nodes are fixed to decide it, so that BuildKit need not be asked what it offers. */
export function isDecided(
  nodes: readonly Pick<PlannedNode, "fixed">[],
  platforms: readonly Platform[],
): boolean {
  if (nodes.length < 2) return true;
  const fixed = new Set(nodes.flatMap((node) => node.fixed));
  return platforms.every((platform) => fixed.has(formatPlatform(platform)));
}

/** Assigns each platform to a node, and says what is wrong with that. No nodes: no assignments. */
export function nodePlan(nodes: readonly PlannedNode[], platforms: readonly Platform[]): NodePlan {
  const [first] = nodes;
  if (first === undefined) return { nodes, assignments: [], problems: [] };
  const byFixed = isDecided(nodes, platforms);
  const found = platforms.map((platform) => {
    const node = byFixed ? fixedNode(nodes, platform) : closestNode(nodes, platform);
    return { platform, node: node ?? first, isOffered: node !== undefined };
  });
  return {
    nodes,
    assignments: found.map(({ platform, node }) => ({
      platform,
      node: node.name,
      native: isNative(node, platform),
    })),
    problems: found.flatMap(({ platform, node, isOffered }): readonly NodeProblem[] => {
      if (!isOffered && nodes.every(({ offered }) => offered !== undefined)) {
        return [{ kind: "missing", platform, first: first.name }];
      }
      const better = nodes.find((one) => isNative(one, platform) === true);
      return isNative(node, platform) === false && better !== undefined
        ? [{ kind: "emulated", platform, node: node.name, better: better.name }]
        : [];
    }),
  };
}

/** The error for a platform that no node offers, and `undefined` where each has one. */
export function missingPlatformFailure(
  { nodes, problems }: NodePlan,
  builder: string,
): TransshipError | undefined {
  const missing = problems.find(({ kind }) => kind === "missing");
  if (missing?.kind !== "missing") return undefined;
  const offered = [...new Set(nodes.flatMap((node) => [...node.fixed, ...(node.offered ?? [])]))];
  const { first } = missing;
  const platform = formatPlatform(missing.platform);
  const { architecture } = missing.platform;
  return fail("NODE_PLATFORM_MISSING", { platform, architecture, builder, first, offered });
}

/** One sentence for each platform that is emulated though a node would run it natively. */
export function nodeWarnings({ problems }: NodePlan, builder: string): readonly string[] {
  return problems.flatMap((problem) => {
    if (problem.kind !== "emulated") return [];
    const platform = formatPlatform(problem.platform);
    return [
      `${platform} is built, emulated, on the node ${problem.node}, though ${problem.better} runs it natively: buildx takes the first node that offers it. To fix it there: docker buildx create --name ${builder} --append --node ${problem.better} --platform ${platform}`,
    ];
  });
}

function isNative({ native }: PlannedNode, platform: Platform): boolean | undefined {
  return native === undefined ? undefined : runsNatively(platform, native);
}

function fixedNode(nodes: readonly PlannedNode[], platform: Platform): PlannedNode | undefined {
  const name = formatPlatform(platform);
  const found = nodes.find(({ fixed }) => fixed.includes(name));
  if (found !== undefined) return found;
  // Of one node nobody asks what it offers: there is no other.
  const [only, another] = nodes;
  if (another !== undefined || only === undefined) return only;
  return only.offered === undefined || closestNode(nodes, platform) !== undefined
    ? only
    : undefined;
}

/** The node that offers the closest platform; of several the first. */
function closestNode(nodes: readonly PlannedNode[], platform: Platform): PlannedNode | undefined {
  const wanted = formatPlatform(platform);
  const ranked = nodes.flatMap((node) => {
    const ranks = [...node.fixed, ...(node.offered ?? [])]
      .map((offered) => servedBy(offered).indexOf(wanted))
      .filter((rank) => rank >= 0);
    return ranks.length === 0 ? [] : [{ node, rank: Math.min(...ranks) }];
  });
  return ranked.toSorted((one, other) => one.rank - other.rank)[0]?.node;
}

/** What runs where a platform is offered, itself first (github.com/containerd/platforms, `compare.go`, platformVector). */
function servedBy(offered: string): readonly string[] {
  const platform = readPlatform(offered);
  if (platform === undefined) return [offered];
  const { os, architecture, variant } = platform;
  const arm = (newest: number) =>
    Array.from({ length: newest - 4 }, (_, n) => `${os}/arm/v${newest - n}`);
  if (architecture === "amd64") {
    const level = Number(variant?.slice(1) ?? 1);
    const levels = Array.from({ length: level }, (_, n) => level - n);
    return [...levels.map((n) => `${os}/amd64${n === 1 ? "" : `/v${n}`}`), `${os}/386`];
  }
  if (architecture === "arm") return arm(Number(variant?.slice(1) ?? 7));
  return [formatPlatform(platform), ...(architecture === "arm64" ? arm(8) : [])];
}
