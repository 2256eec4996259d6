/**
 * A network namespace for one engine: two engines in one namespace fight over docker0. Joined to the machine by a veth
 * pair and reaching the outside through it, so that package registries answer in builds.
 */
import { writeFile } from "node:fs/promises";
import { exists, type Site } from "./site.ts";

export interface Network {
  /** Its name under /var/run/netns. */
  readonly name: string;
  /** The engine's address on the veth pair. */
  readonly address: string;
  /** The pair's end on this machine. */
  readonly link: string;
}

/** Makes the namespace unless it is there. `subnet` is the third number of its 10.211.x.0/24. */
export async function ensureNetwork(site: Site, name: string, subnet: number): Promise<Network> {
  const host = interfaceName(subnet);
  const network: Network = { name, address: `10.211.${subnet}.2`, link: host };
  if (await exists(`/var/run/netns/${name}`)) return network;
  const gateway = `10.211.${subnet}.1`;
  await site.run(["ip", "netns", "add", name]);
  await site.run([
    "ip",
    "link",
    "add",
    host,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    name,
  ]);
  await site.run(["ip", "address", "add", `${gateway}/24`, "dev", host]);
  await site.run(["ip", "link", "set", host, "up"]);
  const inside = ["ip", "-netns", name] as const;
  await site.run([...inside, "link", "set", "lo", "up"]);
  await site.run([...inside, "address", "add", `${network.address}/24`, "dev", "eth0"]);
  await site.run([...inside, "link", "set", "eth0", "up"]);
  await site.run([...inside, "route", "add", "default", "via", gateway]);
  await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
  await site.run(["iptables", "-t", "nat", "-A", "POSTROUTING", ...masquerade(subnet)]);
  return network;
}

/** Takes the namespace, its interface and its rule away. What is not there is no error. */
export async function removeNetwork(site: Site, name: string, subnet: number): Promise<void> {
  await site.attempt(["iptables", "-t", "nat", "-D", "POSTROUTING", ...masquerade(subnet)]);
  await site.attempt(["ip", "link", "delete", interfaceName(subnet)]);
  await site.attempt(["ip", "netns", "delete", name]);
}

/** The argv that runs a program inside. `ip netns exec` would hide the cgroup mounts, which an engine needs. */
export function insideNetwork(name: string): readonly [string, ...string[]] {
  return ["nsenter", `--net=/var/run/netns/${name}`, "--"];
}

function interfaceName(subnet: number): string {
  return `transship${subnet}`;
}

function masquerade(subnet: number): readonly string[] {
  const own = `10.211.${subnet}.0/24`;
  return ["-s", own, "!", "-d", own, "-j", "MASQUERADE"];
}
