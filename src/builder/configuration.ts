/** What the builder should be, and how it differs from what it is. */
import { createHash } from "node:crypto";
import type { Builder, NewBuilder } from "../engine/buildx.ts";
import { formatPlatform, parsePlatform, type Platform } from "../platform/platform.ts";

export interface DesiredBuilder extends NewBuilder {
  /** The engine that its nodes must stand on: a context's name or an address. */
  readonly endpoint: string;
}

/** The driver option (an environment variable of BuildKit's container) that remembers what a builder was made of. */
const hashOption = "env.TRANSSHIP_CONFIGURATION";

/**
 * The builder that is wanted. What no flag names stays as it is in the builder that is there.
 * The network is the engine's own, so that registries and package mirrors on this machine, in its VPN or behind its
 * name servers are reached by builds as well.
 */
export function desiredBuilder(
  wanted: {
    readonly name: string;
    readonly platforms: readonly Platform[];
    readonly buildkitImage?: string | undefined;
    readonly endpoint: string;
  },
  existing: Builder | undefined,
): DesiredBuilder {
  const image = wanted.buildkitImage ?? existing?.nodes[0]?.options["image"];
  const platforms = wanted.platforms.map(formatPlatform);
  const options = { ...(image === undefined ? {} : { image }), network: "host" };
  const configuration = { driver: "docker-container", options, platforms } as const;
  return {
    ...configuration,
    name: wanted.name,
    endpoint: wanted.endpoint,
    options: { ...options, [hashOption]: configurationHash(configuration) },
  };
}

/** Why the builder that is there cannot serve as it is. */
export type Deviation =
  | { readonly kind: "driver"; readonly actual: string }
  | { readonly kind: "endpoint"; readonly actual: string }
  | { readonly kind: "unreachable"; readonly reason: string }
  | { readonly kind: "platforms"; readonly missing: readonly string[] }
  | { readonly kind: "configuration" };

/** How the builder differs from the desired one; the first that matters, or `undefined`. */
export function deviation(existing: Builder, desired: DesiredBuilder): Deviation | undefined {
  if (existing.driver !== desired.driver) return { kind: "driver", actual: existing.driver };
  const [node] = existing.nodes;
  if (node === undefined) return { kind: "configuration" };
  if (!sameEndpoint(node.endpoint, desired.endpoint))
    return { kind: "endpoint", actual: node.endpoint };
  if (node.error !== undefined) return { kind: "unreachable", reason: node.error };
  const missing = missingPlatforms(existing, desired.platforms);
  if (missing.length > 0) return { kind: "platforms", missing };
  if (node.options[hashOption] !== desired.options[hashOption]) return { kind: "configuration" };
  return undefined;
}

function missingPlatforms(existing: Builder, wanted: readonly string[]): readonly string[] {
  const offered = new Set(existing.nodes.flatMap(({ platforms }) => platforms.map(normalized)));
  return wanted.filter((platform) => !offered.has(platform));
}

/** buildx also lists `linux/amd64/v3` and systems that nothing here knows. */
function normalized(platform: string): string {
  try {
    return formatPlatform(parsePlatform(platform));
  } catch {
    return platform;
  }
}

function sameEndpoint(actual: string, wanted: string): boolean {
  return actual === wanted || (isDefaultEndpoint(actual) && isDefaultEndpoint(wanted));
}

/** buildx writes the default context's address where it has one. */
function isDefaultEndpoint(endpoint: string): boolean {
  return endpoint === "default" || /^(?:unix:\/\/\/var\/run\/docker\.sock|npipe:)/.test(endpoint);
}

function configurationHash(configuration: object): string {
  return createHash("sha256").update(JSON.stringify(configuration)).digest("hex").slice(0, 12);
}
