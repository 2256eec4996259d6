/** What an engine says of itself. */
import * as z from "zod";
import { type Platform, parsePlatform } from "../platform/platform.ts";
import { fail } from "../errors.ts";
import type { Docker } from "./docker.ts";
import { engineFailure } from "./failure.ts";

/** The engine's own image store: the graph driver's or containerd's. They differ in many places (see `build/load`). */
type ImageStore = "classic" | "containerd";

export interface EngineFacts {
  readonly serverVersion: string;
  /** The platform whose programs it runs without an emulator. */
  readonly platform: Platform;
  readonly imageStore: ImageStore;
  /** `Docker Desktop`, `Debian GNU/Linux 12 (bookworm)`. */
  readonly operatingSystem: string;
  readonly dataRoot: string;
  /** The docker context that the client uses; `default` where DOCKER_HOST names the engine. */
  readonly context: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** `v0.29.1`, or `undefined` where docker has no buildx plugin. */
  readonly buildxVersion?: string;
}

const info = z.object({
  ServerVersion: z.string().default(""),
  OSType: z.string().default(""),
  Architecture: z.string().default(""),
  OperatingSystem: z.string().default(""),
  DockerRootDir: z.string().default(""),
  NCPU: z.number().default(0),
  MemTotal: z.number().default(0),
  DriverStatus: z
    .array(z.array(z.string()))
    .nullish()
    .transform((pairs) => pairs ?? []),
  ServerErrors: z.array(z.string()).optional(),
  ClientInfo: z
    .object({
      Context: z.string().default("default"),
      Plugins: z
        .array(z.object({ Name: z.string(), Version: z.string().optional() }))
        .nullish()
        .transform((plugins) => plugins ?? []),
    })
    .prefault({}),
});

/** Asks the engine about itself (`docker info`). @throws ENGINE_UNREACHABLE and its kin. */
export async function engineFacts(docker: Docker): Promise<EngineFacts> {
  const finished = await docker.run(["info", "--format", "{{json .}}"], { deadlineMs: 20_000 });
  return readEngineInfo(finished.stdout);
}

function serverError(words: string): Error {
  const known = engineFailure({ stderr: words, exitCode: 1 });
  return known ?? fail("ENGINE_UNREACHABLE", { host: "its socket", reason: words });
}

/** Reads the JSON of `docker info`. @throws ENGINE_UNREACHABLE and its kin */
export function readEngineInfo(json: string): EngineFacts {
  const seen = info.parse(JSON.parse(json));
  // Clients before 27 end with 0, and tell here why the engine did not answer.
  const [error] = seen.ServerErrors ?? [];
  if (error !== undefined && seen.ServerVersion === "") throw serverError(error);
  const buildx = seen.ClientInfo.Plugins.find((plugin) => plugin.Name === "buildx");
  const isContainerd = seen.DriverStatus.some(
    ([key, value]) => key === "driver-type" && value?.startsWith("io.containerd.snapshotter"),
  );
  return {
    serverVersion: seen.ServerVersion,
    platform: parsePlatform(`${seen.OSType || "linux"}/${seen.Architecture}`),
    imageStore: isContainerd ? "containerd" : "classic",
    operatingSystem: seen.OperatingSystem,
    dataRoot: seen.DockerRootDir,
    context: seen.ClientInfo.Context,
    cpus: seen.NCPU,
    memory: seen.MemTotal,
    ...(buildx === undefined ? {} : { buildxVersion: buildx.Version ?? "unknown" }),
  };
}

/** The machine on which the engine publishes ports: `127.0.0.1` for an engine of this machine (or Docker Desktop's). */
export async function engineHost({
  docker,
  env,
}: {
  readonly docker: Docker;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<string> {
  const named = env["DOCKER_HOST"];
  if (named !== undefined && named !== "") return hostOf(named);
  const args = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
  const { exitCode, stdout } = await docker.attempt(args);
  return exitCode === 0 ? hostOf(stdout.trim()) : "127.0.0.1";
}

/** `tcp://10.0.0.2:2376` and `ssh://me@server` name another machine; `unix:` and `npipe:` this one. */
function hostOf(address: string): string {
  if (!/^(?:tcp|ssh|https?):\/\//.test(address) || !URL.canParse(address)) return "127.0.0.1";
  const host = new URL(address).hostname;
  return host === "localhost" || host === "" ? "127.0.0.1" : host;
}
