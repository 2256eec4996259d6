/** Containers: arguments and answers of `docker run`, `exec`, `inspect`, `top`, `logs`, `cp`, `rm` (docker/cli, docs/reference/commandline). */
import * as z from "zod";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { Docker } from "./docker.ts";
import { dockerError } from "./docker.ts";

/** The label that marks what a run of ours made. */
const runLabel = "dev.transship.run";

export interface RunContainer {
  readonly image: string;
  readonly name: string;
  readonly runId: string;
  readonly platform: Platform;
  /** The address on the engine's machine, the port there (0: any free one), the port inside. */
  readonly publish?: {
    readonly address: string;
    readonly host: number;
    readonly container: number;
  };
  /** `NAME=value`, or `NAME` for the environment's. */
  readonly env: readonly string[];
}

/** Arguments that start a container in the background; an image that is not there is not pulled. */
export function runArgs({
  image,
  name,
  runId,
  platform,
  publish,
  env,
}: RunContainer): readonly string[] {
  const port =
    publish === undefined
      ? []
      : [
          "--publish",
          `${publish.address}:${publish.host === 0 ? "" : publish.host}:${publish.container}`,
        ];
  return [
    "run",
    "--detach",
    "--name",
    name,
    "--label",
    `${runLabel}=${runId}`,
    "--platform",
    formatPlatform(platform),
    "--pull",
    "never",
    ...port,
    ...env.flatMap((one) => ["--env", one]),
    image,
  ];
}

/** Arguments that list what a run made: containers' IDs. */
export function listRunArgs(runId?: string): readonly string[] {
  const label = runId === undefined ? runLabel : `${runLabel}=${runId}`;
  return ["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${label}`];
}

/** Arguments that remove containers at once, with their anonymous volumes. */
export function removeContainerArgs(...containers: readonly string[]): readonly string[] {
  return ["rm", "--force", "--volumes", ...containers];
}

export function execArgs(
  container: string,
  command: readonly string[],
  input = false,
): readonly string[] {
  return ["exec", ...(input ? ["--interactive"] : []), container, ...command];
}

/** Arguments that unpack a tar archive from standard input into a container's directory. */
export function copyInArgs(container: string, directory: string): readonly string[] {
  return ["cp", "-", `${container}:${directory}`];
}

function logsArgs(container: string, lines: number): readonly string[] {
  return ["logs", "--tail", String(lines), container];
}

const port = z.object({ HostIp: z.string().default(""), HostPort: z.string() });

const inspected = z.object({
  Id: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    OOMKilled: z.boolean().default(false),
    Pid: z.number().default(0),
    ExitCode: z.number().default(0),
    Error: z.string().default(""),
  }),
  NetworkSettings: z
    .object({
      Ports: z.record(z.string(), z.array(port).nullable()).nullish(),
      Networks: z.record(z.string(), z.object({ Gateway: z.string().default("") })).nullish(),
    })
    .prefault({}),
});

export interface ContainerState {
  readonly id: string;
  /** `running`, `exited`, `restarting`, `dead` … */
  readonly status: string;
  readonly isRunning: boolean;
  readonly isOutOfMemory: boolean;
  /** On the engine's machine; 0 when it does not run. */
  readonly pid: number;
  readonly exitCode: number;
  readonly error: string;
  readonly restarts: number;
  /** Of the port inside (`8080/tcp`): the one on the engine's machine. */
  readonly ports: Readonly<Record<string, number>>;
  /** Of its first network that has one. */
  readonly gateway?: string;
}

/** @throws DOCKER_FAILED where there is no such container, the engine's errors */
export async function inspectContainer(container: string, docker: Docker): Promise<ContainerState> {
  const format = ["--type", "container", "--format", "{{json .}}"];
  const { stdout } = await docker.run(["inspect", ...format, container]);
  return readContainer(stdout);
}

/** Reads the JSON of `docker inspect` for one container. */
export function readContainer(json: string): ContainerState {
  const { Id, RestartCount, State, NetworkSettings } = inspected.parse(JSON.parse(json));
  const ports = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([inside, outside]) => {
    const [first] = outside ?? [];
    return first === undefined ? [] : [[inside, Number(first.HostPort)] as const];
  });
  const gateway = Object.values(NetworkSettings.Networks ?? {}).find(
    ({ Gateway }) => Gateway !== "",
  );
  return {
    id: Id,
    status: State.Status,
    isRunning: State.Running,
    isOutOfMemory: State.OOMKilled,
    pid: State.Pid,
    exitCode: State.ExitCode,
    error: State.Error,
    restarts: RestartCount,
    ports: Object.fromEntries(ports),
    ...(gateway === undefined ? {} : { gateway: gateway.Gateway }),
  };
}

/** A process of a container, as the engine's machine sees it: an emulator stands in front of what it runs. */
export interface ContainerProcess {
  readonly pid: number;
  /** ps(1)'s `STAT`: `Z` is a zombie; empty where it cannot be told. */
  readonly state: string;
  readonly command: string;
}

/** The processes of a container. @throws DOCKER_FAILED where it does not run */
export async function listProcesses(
  container: string,
  docker: Docker,
): Promise<readonly ContainerProcess[]> {
  const chosen = await docker.attempt(["top", container, "-eo", "pid,stat,args"]);
  if (chosen.exitCode === 0) return readProcesses(chosen.stdout);
  // The ps of a small machine may know no such columns.
  const usual = await docker.attempt(["top", container]);
  if (usual.exitCode !== 0) throw dockerError(usual);
  return readProcesses(usual.stdout);
}

/** Reads `docker top`: a table whose last column holds the rest of the line. */
export function readProcesses(table: string): readonly ContainerProcess[] {
  const [head = "", ...lines] = table.trimEnd().split("\n");
  const columns = head.trim().split(/\s+/);
  const at = (name: string) => columns.indexOf(name);
  return lines.map((line) => {
    const cells = line.trim().split(/\s+/);
    const command = cells.slice(columns.length - 1).join(" ");
    return { pid: Number(cells[at("PID")]), state: cells[at("STAT")] ?? "", command };
  });
}

/** The last lines that a container wrote, both streams, and whatever its end was. */
export async function lastLogs(
  container: string,
  lines: number,
  docker: Docker,
): Promise<readonly string[]> {
  const { stdout, stderr } = await docker.attempt(logsArgs(container, lines));
  return `${stdout}\n${stderr}`
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-lines);
}
