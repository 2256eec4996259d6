/** The key `deploy` of a service, which Compose has from Swarm: its limits, its restart policy, and what one server cannot do. */
import type { RestartPolicy } from "../../deploy/run-arguments.ts";
import { optionKeys } from "./option-keys.ts";
import { type RunQuestion, wayOf } from "./question.ts";
import { problem, type Remark, warning } from "./remark.ts";

/** What it limits, by the keys of a service that say the same: Compose sees to it that they do not contradict each other. */
export function limitKeys({ keys }: Pick<RunQuestion, "keys">) {
  const { limits, reservations } = keys.deploy.resources ?? {};
  const said = {
    mem_limit: limits?.memory,
    cpus: limits?.cpus,
    pids_limit: limits?.pids,
    mem_reservation: reservations?.memory,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/** Devices that it reserves, as options. */
export function reservedDevices({ keys }: Pick<RunQuestion, "keys">): readonly string[] {
  const devices = keys.deploy.resources?.reservations?.devices ?? [];
  const { gpus = [] } = optionKeys.parse({ gpus: devices.filter(isGpu) });
  return gpus;
}

function isGpu({ capabilities }: { readonly capabilities: readonly string[] }): boolean {
  return capabilities.includes("gpu");
}

/** `undefined` where it says nothing (docker/compose, pkg/compose/create.go). */
export function restartOf({ keys }: Pick<RunQuestion, "keys">): RestartPolicy | undefined {
  const { condition, max_attempts: most } = keys.deploy.restart_policy ?? {};
  if (keys.restart !== undefined) return asPolicy(keys.restart);
  if (condition === undefined) return undefined;
  if (condition === "on-failure" && most !== undefined) return `on-failure:${most}`;
  return condition === "any" ? "always" : asPolicy(condition === "none" ? "no" : condition);
}

function asPolicy(text: string): RestartPolicy | undefined {
  const number = /^on-failure:(\d+)$/.exec(text)?.[1];
  if (number !== undefined) return `on-failure:${Number(number)}`;
  const policies = ["no", "always", "unless-stopped", "on-failure"] as const;
  return policies.find((policy) => policy === text);
}

/** Where it has a key that we read, or that says nothing to one server. */
const read: readonly string[] = [
  "mode",
  "replicas",
  "resources.limits.cpus",
  "resources.limits.memory",
  "resources.limits.pids",
  "resources.reservations.memory",
  "resources.reservations.devices",
  "restart_policy.condition",
  "restart_policy.max_attempts",
  "update_config.parallelism",
  "update_config.failure_action",
  "update_config.monitor",
  "update_config.order",
];
const groups = new Set(read.map((key) => key.split(".").slice(0, -1).join(".")));

export function swarmRemarks(question: RunQuestion): readonly Remark[] {
  const { deploy, scale } = question.keys;
  const way = wayOf(question, "deploy");
  const unknown = leftKeys(deploy, []).map((key) =>
    warning([...way, ...key], `deploy.${key.join(".")} is left out: a deploy does not know it.`),
  );
  const devices = deploy.resources?.reservations?.devices ?? [];
  const reservation = wayOf(question, "deploy", "resources", "reservations", "devices");
  const { replicas = scale ?? 1, mode } = deploy;
  const scaled = wayOf(
    question,
    ...(deploy.replicas === undefined ? ["scale"] : ["deploy", "replicas"]),
  );
  return [
    ...unknown,
    ...(replicas === 1 ? [] : [problem(scaled, replicasText(replicas))]),
    ...(["replicated", "global"].includes(mode)
      ? []
      : [
          problem(
            [...way, "mode"],
            `A service of the mode ${mode} ends by itself, and is no release: run it as x-transship.deploy.hooks.before_switch of the one that needs it.`,
          ),
        ]),
    ...devices
      .filter((device) => !isGpu(device))
      .map(({ capabilities }) =>
        problem(
          reservation,
          `A device that can ${capabilities.join(", ")} cannot be asked of docker: it knows gpu alone.`,
        ),
      ),
  ];
}

function replicasText(replicas: number): string {
  return replicas === 0
    ? "With 0 replicas the service runs nowhere: leave the number out, or the service."
    : `A deploy runs one container of the service on each server, not ${replicas}: leave the number out, and name more servers.`;
}

/** The ways to the keys that are not read, each as near to the top as it goes. */
function leftKeys(value: object, way: readonly string[]): readonly (readonly string[])[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const here = [...way, key];
    if (read.includes(here.join("."))) return [];
    const isGroup = groups.has(here.join(".")) || here.join(".") === "resources";
    return isGroup && typeof inner === "object" && inner !== null ? leftKeys(inner, here) : [here];
  });
}
