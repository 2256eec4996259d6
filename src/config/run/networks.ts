/** The networks of the project that a service joins, with its names there. */
import type { JoinedNetwork } from "../../deploy/run-arguments.ts";
import { type RunQuestion, wayOf } from "./question.ts";
import { problem, type Reading, type Remark, warning } from "./remark.ts";

type Joining = NonNullable<RunQuestion["keys"]["networks"][string]>;

/** Beside the app's own network, on which the proxy reaches it. */
export function joinedNetworks(question: RunQuestion): Reading<readonly JoinedNetwork[]> {
  const { name: service, keys, project } = question;
  const { network_mode: mode } = keys;
  if (mode !== undefined) {
    const text = `The network_mode ${mode} leaves no room for a network of the app's own, on which the proxy and the health check reach it: leave it out.`;
    return { value: [], remarks: [problem(wayOf(question, "network_mode"), text)] };
  }
  const joined = Object.entries(keys.networks);
  return {
    value: joined.map(([name, joining]) => ({
      name: project.networks[name]?.name ?? name,
      aliases: [...new Set([service, ...(joining?.aliases ?? [])])],
    })),
    remarks: joined.flatMap(([name, joining]) =>
      joining === null ? [] : joiningRemarks(name, joining, question),
    ),
  };
}

function joiningRemarks(name: string, joining: Joining, question: RunQuestion): readonly Remark[] {
  const { aliases: _, ...others } = joining;
  return Object.keys(others).map((key) => {
    const way = wayOf(question, "networks", name, key);
    if (!["ipv4_address", "ipv6_address", "mac_address"].includes(key))
      return warning(way, `${key} of the network ${name} is left out.`);
    const text = `Two releases live beside each other for a while, and cannot both have the ${key} ${String(joining[key])}: let others reach the service by its name.`;
    return problem(way, text);
  });
}
