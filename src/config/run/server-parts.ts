/** What a service needs on a server before its container can be made: networks and volumes, by the names that Compose gives them. */
import type { ServerPart } from "../../deploy/run-arguments.ts";
import type { ProjectNetwork, ProjectVolume } from "./keys.ts";
import type { RunQuestion } from "./question.ts";

/**
 * Each once. They carry Compose's own labels: it refuses a network without them when it comes to start the project's other services
 * there (docker/compose, pkg/compose/create.go).
 */
export function serverParts({ keys, project }: RunQuestion): readonly ServerPart[] {
  const networks = Object.keys(keys.networks).map((name) => {
    const network = project.networks[name];
    const labels = composeLabels("network", name, project.name);
    return partOf("network", name, network, [...labels, ...networkOptions(network)]);
  });
  const named = keys.volumes.filter(({ type, source }) => type === "volume" && source !== "");
  const volumes = [...new Set(named.map(({ source }) => source))].map((name) => {
    const volume = project.volumes[name];
    const labels = composeLabels("volume", name, project.name);
    return partOf("volume", name, volume, [...labels, ...driverOptions(volume)]);
  });
  return [...networks, ...volumes];
}

function partOf(
  kind: ServerPart["kind"],
  name: string,
  part: ProjectVolume | null | undefined,
  options: readonly string[],
): ServerPart {
  const isExternal = part?.external ?? false;
  return { kind, name: part?.name ?? name, isExternal, options: isExternal ? [] : options };
}

function composeLabels(kind: ServerPart["kind"], name: string, project: string) {
  const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.${kind}=${name}`];
  return labels.flatMap((label) => ["--label", label]);
}

function driverOptions(part: ProjectVolume | null | undefined): readonly string[] {
  const { driver, driver_opts: options = {}, labels = {} } = part ?? {};
  return [
    ...(driver === undefined ? [] : ["--driver", driver]),
    ...Object.entries(options).flatMap(([name, value]) => ["--opt", `${name}=${value}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]),
  ];
}

function networkOptions(network: ProjectNetwork | null | undefined): readonly string[] {
  const { ipam, internal = false, attachable = false, enable_ipv6: isIpv6 } = network ?? {};
  return [
    ...driverOptions(network),
    ...(internal ? ["--internal"] : []),
    ...(attachable ? ["--attachable"] : []),
    ...(isIpv6 === undefined ? [] : [`--ipv6=${isIpv6}`]),
    ...option("--ipam-driver", ipam?.driver),
    ...(ipam?.config ?? []).flatMap(poolOptions),
  ];
}

function poolOptions(pool: NonNullable<ProjectNetwork["ipam"]["config"]>[number]) {
  return [
    ...option("--subnet", pool.subnet),
    ...option("--ip-range", pool.ip_range),
    ...option("--gateway", pool.gateway),
    ...Object.entries(pool.aux_addresses).flatMap(([name, address]) => [
      "--aux-address",
      `${name}=${address}`,
    ]),
  ];
}

function option(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}
