/** Further nodes of a builder (docker/buildx, `commands/create.go`, `builder/builder.go`). */
import { endpointArgs } from "./endpoint.ts";

export interface NewNode {
  readonly name: string;
  /** An engine's address, or a docker context. */
  readonly endpoint: string;
  readonly platforms: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** Arguments that add a node to a builder and start it. The platforms that it is fixed to are taken from all other nodes. */
export function appendNodeArgs(
  builder: string,
  node: NewNode,
  configurationFile?: string,
): readonly string[] {
  const options = Object.entries(node.options).flatMap(([key, value]) => [
    "--driver-opt",
    `${key}=${value}`,
  ]);
  return [
    ...changeNode(builder, node.name),
    ...options,
    ...configurationArgs(configurationFile),
    ...(node.platforms.length === 0 ? [] : ["--platform", node.platforms.join(",")]),
    "--bootstrap",
    node.endpoint,
  ];
}

/** Arguments that fix a node that is there to these platforms; all else of it stays. */
export function fixPlatformsArgs(
  builder: string,
  { name, platforms }: Pick<NewNode, "name" | "platforms">,
  configurationFile?: string,
): readonly string[] {
  const configuration = configurationArgs(configurationFile);
  return [...changeNode(builder, name), ...configuration, "--platform", platforms.join(",")];
}

function changeNode(builder: string, node: string): readonly string[] {
  return ["buildx", "create", "--name", builder, "--append", "--node", node];
}

export function configurationArgs(file: string | undefined): readonly string[] {
  return file === undefined ? [] : ["--buildkitd-config", file];
}

/** Arguments that let buildx forget a node. Its container stays, and goes by {@link removeNodeContainerArgs}. */
export function forgetNodeArgs(builder: string, node: string): readonly string[] {
  return ["buildx", "create", "--name", builder, "--leave", "--node", node];
}

/** Arguments that remove a node's container from its engine (docker/buildx, `driver.BuilderName`). */
export function removeNodeContainerArgs(node: string, endpoint: string): readonly string[] {
  return [...endpointArgs(endpoint), "rm", "--force", containerOf(node)];
}

/** Arguments that remove what a node's container keeps of builds. */
export function removeNodeCacheArgs(node: string, endpoint: string): readonly string[] {
  return [...endpointArgs(endpoint), "volume", "rm", "--force", `${containerOf(node)}_state`];
}

function containerOf(node: string): string {
  return `buildx_buildkit_${node}`;
}
