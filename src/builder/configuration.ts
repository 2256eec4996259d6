/** What the builder should be, and how it differs from what it is. */
import { createHash } from "node:crypto";
import type { Builder, BuilderNode, NewBuilder } from "../engine/buildx.ts";
import type { KeptBuilder } from "../engine/kept-builder.ts";
import { formatPlatform, parsePlatform, type Platform } from "../platform/platform.ts";
import { hashOption, sameEndpoint } from "./builder.ts";
import { type DesiredNode, desiredNodes, type NodeChange } from "./desired-nodes.ts";
import {
  type BuildkitSettings,
  buildkitToml,
  changeSettings,
  rememberedSettings,
  type SettingsChange,
  settingsOption,
  writeSettings,
} from "./settings.ts";

export interface DesiredBuilder extends NewBuilder {
  /** The engine that its first node must stand on: a context's name or an address. */
  readonly endpoint: string;
  readonly settings: BuildkitSettings;
  /** The text of buildkitd.toml; empty where buildx hands over the one that it has as its default. */
  readonly configuration: string;
  /** The name of its first node: buildx's own unless it was made otherwise. */
  readonly firstNode: string;
  /** Those behind the first. */
  readonly nodes: readonly DesiredNode[];
}

export interface WantedBuilder {
  readonly name: string;
  readonly platforms: readonly Platform[];
  readonly buildkitImage?: string | undefined;
  readonly endpoint: string;
  /** What BuildKit is to be told otherwise. */
  readonly settings?: SettingsChange | undefined;
  readonly nodes?: NodeChange | undefined;
  /** Where buildkitd.toml is written. */
  readonly configurationFile: string;
  /** Whether buildx has a default one: it serves until something is to be told, since ours takes its place. */
  readonly hasDefaultConfiguration?: boolean;
  /** The text of each authority's certificate, by its file. */
  readonly authorities?: ReadonlyMap<string, string>;
}

/** What BuildKit is told after a change: what the builder that is there remembers, and what is new. */
export function desiredSettings(
  change: SettingsChange | undefined,
  existing: Builder | undefined,
): BuildkitSettings {
  return changeSettings(rememberedSettings(existing?.nodes[0]?.options), change ?? {});
}

/**
 * The builder that is wanted. What no flag names stays as it is in the builder that is there.
 * The network is the engine's own, so that registries and package mirrors on this machine, in its VPN or behind its
 * name servers are reached by builds as well.
 */
export function desiredBuilder(
  wanted: WantedBuilder,
  existing: Builder | undefined,
  kept?: KeptBuilder,
): DesiredBuilder {
  const image = wanted.buildkitImage ?? existing?.nodes[0]?.options["image"];
  const settings = desiredSettings(wanted.settings, existing);
  const remembered = writeSettings(settings);
  const isLeft = wanted.hasDefaultConfiguration === true && remembered === "";
  const configuration = isLeft ? "" : buildkitToml(settings);
  const options = {
    ...(image === undefined ? {} : { image }),
    network: "host",
    ...(remembered === "" ? {} : { [settingsOption]: remembered }),
  };
  const told =
    configuration === "" ? {} : { configuration, authorities: [...(wanted.authorities ?? [])] };
  const withHash = (platforms: readonly string[]) => {
    const made = { driver: "docker-container", options, platforms, ...told };
    return { ...options, [hashOption]: configurationHash(made) };
  };
  const platforms = wanted.platforms.map(formatPlatform);
  const { name, endpoint, configurationFile } = wanted;
  return {
    name,
    driver: "docker-container",
    endpoint,
    platforms,
    options: withHash(platforms),
    settings,
    configuration,
    firstNode: existing?.nodes[0]?.name ?? `${name}0`,
    ...(configuration === "" ? {} : { configurationFile }),
    nodes: desiredNodes(wanted.nodes ?? {}, wanted, kept, withHash),
  };
}

/** Why the builder that is there cannot serve as it is. */
export type Deviation =
  | { readonly kind: "driver"; readonly actual: string }
  | { readonly kind: "endpoint"; readonly actual: string }
  | { readonly kind: "unreachable"; readonly reason: string }
  | { readonly kind: "platforms"; readonly missing: readonly string[] }
  | { readonly kind: "configuration" };

/** How the builder differs from the desired one, its further nodes aside; the first that matters, or `undefined`. */
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

/** Why a further node cannot serve as it is. One that does not answer cannot be changed, and is left as it is. */
export function nodeDeviation(existing: BuilderNode, desired: DesiredNode): string | undefined {
  if (existing.error !== undefined) return undefined;
  if (!sameEndpoint(existing.endpoint, desired.endpoint))
    return `it stands on ${existing.endpoint}, not on ${desired.endpoint}`;
  if (existing.options[hashOption] !== desired.options[hashOption])
    return "it was made with another configuration";
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

function configurationHash(configuration: object): string {
  return createHash("sha256").update(JSON.stringify(configuration)).digest("hex").slice(0, 12);
}
