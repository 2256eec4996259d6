/** The keys of a service that have an option of `docker create`, and the words that each becomes (docs.docker.com/reference/compose-file/services). */
import * as z from "zod";
import { csvField } from "../../engine/build.ts";
import { parseDuration } from "../duration.ts";
import { healthWords } from "./health-check.ts";
import { pairs, text, texts } from "./shape.ts";

function one(flag: string) {
  return text.transform((value) => [flag, value]).optional();
}

function each(flag: string) {
  return texts.transform((values) => values.flatMap((value) => [flag, value])).optional();
}

function assigned(flag: string) {
  return pairs
    .transform((map) => Object.entries(map).flatMap(([name, value]) => [flag, `${name}=${value}`]))
    .optional();
}

function when(flag: string) {
  return z
    .boolean()
    .transform((is) => (is ? [flag] : []))
    .optional();
}

/** `a=1.2.3.4` as every client takes it. */
const extraHosts = texts
  .transform((hosts) => hosts.flatMap((host) => ["--add-host", host.replace("=", ":")]))
  .optional();

/** As objects since Compose 2.27, as texts before. A device of CDI has one name, and no path. */
const device = z.union([
  z.string(),
  z
    .object({
      source: z.string(),
      target: z.string().default(""),
      permissions: z.string().default("rwm"),
    })
    .transform(({ source, target, permissions }) =>
      source.startsWith("/") ? [source, target || source, permissions].join(":") : source,
    ),
]);
const devices = z
  .array(device)
  .transform((all) => all.flatMap((value) => ["--device", value]))
  .optional();

const ulimits = z
  .record(z.string(), z.union([z.int(), z.object({ soft: z.int(), hard: z.int() })]))
  .transform((limits) =>
    Object.entries(limits).flatMap(([name, limit]) => [
      "--ulimit",
      `${name}=${typeof limit === "number" ? limit : `${limit.soft}:${limit.hard}`}`,
    ]),
  )
  .optional();

const logging = z
  .object({ driver: z.string().optional(), options: pairs.default({}) })
  .transform(({ driver, options }) => [
    ...(driver === undefined ? [] : ["--log-driver", driver]),
    ...Object.entries(options).flatMap(([name, value]) => ["--log-opt", `${name}=${value}`]),
  ])
  .optional();

function rates(flag: string) {
  return z
    .array(z.object({ path: z.string(), rate: text }))
    .transform((all) => all.flatMap(({ path, rate }) => [flag, `${path}:${rate}`]))
    .optional();
}

const blkio = z
  .object({
    weight: one("--blkio-weight"),
    weight_device: z
      .array(z.object({ path: z.string(), weight: text }))
      .transform((all) =>
        all.flatMap(({ path, weight }) => ["--blkio-weight-device", `${path}:${weight}`]),
      )
      .optional(),
    device_read_bps: rates("--device-read-bps"),
    device_read_iops: rates("--device-read-iops"),
    device_write_bps: rates("--device-write-bps"),
    device_write_iops: rates("--device-write-iops"),
  })
  .transform(wordsOf)
  .optional();

/** As `docker create --gpus` reads it (docker/cli, opts/gpus.go); neither a number nor names: all of them. */
const gpus = z
  .array(
    z.object({
      driver: z.string().optional(),
      count: z.union([z.int(), z.literal("all")]).optional(),
      device_ids: z.array(text).default([]),
      capabilities: z.array(z.string()).default([]),
      options: pairs.default({}),
    }),
  )
  .transform((all) =>
    all.flatMap(({ driver, count = -1, device_ids: ids, capabilities, options }) => {
      // docker adds gpu itself.
      const others = capabilities.filter((word) => word !== "gpu");
      const settings = Object.entries(options).map(([name, value]) => `${name}=${value}`);
      const number = count === -1 ? "all" : count;
      const fields = [
        ids.length === 0 ? `count=${number}` : `device=${ids.join(",")}`,
        ...(driver === undefined ? [] : [`driver=${driver}`]),
        ...(others.length === 0 ? [] : [`capabilities=${others.join(",")}`]),
        ...(settings.length === 0 ? [] : [`options=${settings.map(csvField).join(",")}`]),
      ];
      return ["--gpus", fields.map(csvField).join(",")];
    }),
  );

/** Whole seconds; less than one is one. */
const stopTimeout = z
  .string()
  .transform((time) => ["--stop-timeout", String(Math.ceil((parseDuration(time) ?? 0) / 1000))])
  .optional();

/** The engine knows containers alone, and takes no word for it. */
const volumesFrom = texts
  .transform((all) => all.flatMap((from) => ["--volumes-from", from.replace(/^container:/, "")]))
  .optional();

/** The engine may be set to have one without being asked, so that "no" is said as well. */
const init = z
  .boolean()
  .transform((is) => [is ? "--init" : "--init=false"])
  .optional();

export const optionKeys = z.object({
  user: one("--user"),
  group_add: each("--group-add"),
  working_dir: one("--workdir"),
  hostname: one("--hostname"),
  domainname: one("--domainname"),
  healthcheck: healthWords.optional(),
  init,
  read_only: when("--read-only"),
  tmpfs: each("--tmpfs"),
  stop_signal: one("--stop-signal"),
  stop_grace_period: stopTimeout,
  privileged: when("--privileged"),
  cap_add: each("--cap-add"),
  cap_drop: each("--cap-drop"),
  security_opt: each("--security-opt"),
  mem_limit: one("--memory"),
  mem_reservation: one("--memory-reservation"),
  memswap_limit: one("--memory-swap"),
  mem_swappiness: one("--memory-swappiness"),
  oom_kill_disable: when("--oom-kill-disable"),
  oom_score_adj: one("--oom-score-adj"),
  cpus: one("--cpus"),
  cpu_shares: one("--cpu-shares"),
  cpu_quota: one("--cpu-quota"),
  cpu_period: one("--cpu-period"),
  cpu_rt_runtime: one("--cpu-rt-runtime"),
  cpu_rt_period: one("--cpu-rt-period"),
  cpuset: one("--cpuset-cpus"),
  pids_limit: one("--pids-limit"),
  shm_size: one("--shm-size"),
  ulimits,
  sysctls: assigned("--sysctl"),
  blkio_config: blkio,
  gpus: gpus.optional(),
  devices,
  device_cgroup_rules: each("--device-cgroup-rule"),
  extra_hosts: extraHosts,
  dns: each("--dns"),
  dns_search: each("--dns-search"),
  dns_opt: each("--dns-option"),
  expose: each("--expose"),
  ipc: one("--ipc"),
  pid: one("--pid"),
  uts: one("--uts"),
  userns_mode: one("--userns"),
  cgroup: one("--cgroupns"),
  cgroup_parent: one("--cgroup-parent"),
  runtime: one("--runtime"),
  storage_opt: assigned("--storage-opt"),
  stdin_open: when("--interactive"),
  tty: when("--tty"),
  labels: assigned("--label"),
  annotations: assigned("--annotation"),
  logging,
  volumes_from: volumesFrom,
});

/** All the words of some keys, in the order of their schema. */
export function wordsOf(keys: Readonly<Record<string, readonly string[] | undefined>>): string[] {
  return Object.values(keys).flatMap((words) => words ?? []);
}
