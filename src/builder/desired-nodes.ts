/** The nodes that a builder of ours should have behind its first: machines of other platforms, which need no emulator there. */
import type { TlsFiles } from "../engine/endpoint.ts";
import type { KeptBuilder } from "../engine/kept-builder.ts";
import type { NewNode } from "../engine/nodes.ts";
import { fail } from "../errors.ts";
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { isOfOurs } from "./builder.ts";

/** A node that is asked for. */
export interface NodeWish {
  /** An engine: `ssh://me@server`, `tcp://server:2376`, or a docker context's name. */
  readonly endpoint: string;
  /** Default: the builder's name and the host's. */
  readonly name?: string;
  /** Which platforms are built there; default: those wanted that its machine runs without an emulator. */
  readonly platforms?: readonly Platform[];
  readonly tls?: TlsFiles;
}

/** A wish, and what the machine is. */
export interface KnownWish extends NodeWish {
  readonly native: Platform;
}

export interface NodeChange {
  readonly add?: readonly KnownWish[];
  /** Names. */
  readonly remove?: readonly string[];
}

export interface DesiredNode extends NewNode {
  /** Where a docker context must be made for its endpoint, because only that takes certificates. */
  readonly secured?: { readonly address: string; readonly tls: TlsFiles };
}

/**
 * The nodes that are there, without those to be removed, and those that are asked for; one that is asked for again is as it is asked
 * for now. `optionsFor` makes the driver options of a node of ours by its platforms; one that somebody else added keeps its own.
 * @throws NODE_UNKNOWN, USAGE
 */
export function desiredNodes(
  { add = [], remove = [] }: NodeChange,
  builder: {
    readonly name: string;
    readonly endpoint: string;
    readonly platforms: readonly Platform[];
  },
  kept: KeptBuilder | undefined,
  optionsFor: (platforms: readonly string[]) => NewNode["options"],
): readonly DesiredNode[] {
  const [, ...further] = kept?.driver === "docker-container" ? kept.nodes : [];
  const known = further.map(({ name }) => name);
  for (const node of remove) {
    if (!known.includes(node)) throw fail("NODE_UNKNOWN", { node, builder: builder.name, known });
  }
  const nodes = new Map<string, DesiredNode>();
  for (const node of further) {
    if (remove.includes(node.name)) continue;
    const options = isOfOurs(node.options) ? optionsFor(node.platforms) : node.options;
    nodes.set(node.name, { ...node, options });
  }
  for (const wish of add) {
    const node = wishedNode(wish, builder, further);
    if (node.endpoint === builder.endpoint) {
      const problem = `--node ${wish.endpoint} is the engine that the builder stands on already.`;
      throw fail("USAGE", { problem, command: "transship setup" });
    }
    nodes.set(node.name, { ...node, options: optionsFor(node.platforms) });
  }
  return [...nodes.values()];
}

/** The wish as a node of ours, without its options. */
function wishedNode(
  { endpoint, name, platforms, tls, native }: KnownWish,
  builder: { readonly name: string; readonly platforms: readonly Platform[] },
  further: readonly NewNode[],
): Omit<DesiredNode, "options"> {
  const there = further.find((node) => node.endpoint === endpoint);
  const named = nodeName(name ?? there?.name ?? `${builder.name}-${hostOf(endpoint)}`);
  const own = builder.platforms.filter((platform) => runsNatively(platform, native));
  const fixed = platforms ?? (own.length > 0 ? own : [native]);
  const node = {
    name: named,
    endpoint: tls === undefined ? endpoint : contextOf(named),
    platforms: fixed.map(formatPlatform),
  };
  return tls === undefined ? node : { ...node, secured: { address: endpoint, tls } };
}

/** As buildx takes it: lower case, a letter first (docker/buildx, `store/util.go`). */
function nodeName(text: string): string {
  const name = text.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-");
  return /^[a-z]/.test(name) ? name : `node-${name}`;
}

function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).hostname : endpoint;
}

/** The docker context that is made for a node whose engine wants certificates. */
export function contextOf(node: string): string {
  return `transship-${node}`;
}
