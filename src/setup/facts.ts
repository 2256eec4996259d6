/** What there is before anything is changed. */
import { statfs } from "node:fs/promises";
import { defaultBuilder } from "../builder/builder.ts";
import type { Context } from "../context.ts";
import { type Builder, listBuilders } from "../engine/buildx.ts";
import { type EngineFacts, engineFacts } from "../engine/facts.ts";
import { fail } from "../errors.ts";

export interface SetupFacts {
  readonly engine: EngineFacts;
  readonly builder: Builder | undefined;
  /** What the builder's nodes must name: DOCKER_HOST where it is set, else the context. */
  readonly endpoint: string;
  /** Bytes free where the engine keeps its data; `undefined` where it is not on this machine. */
  readonly freeDisk: number | undefined;
}

/** Asks engine and buildx side by side. @throws ENGINE_UNREACHABLE and its kin, BUILDX_MISSING, BUILDX_TOO_OLD */
export async function gatherFacts(
  builder: string | undefined,
  { docker, env }: Context,
): Promise<SetupFacts> {
  const [engine, builders] = await Promise.all([engineFacts(docker), builderList(docker)]);
  if (builders instanceof Error) {
    if (engine.buildxVersion === undefined)
      throw fail("BUILDX_MISSING", { engine: engine.context });
    throw builders;
  }
  const endpoint = env["DOCKER_HOST"] || engine.context;
  return {
    engine,
    builder: builders.find(({ name }) => name === (builder ?? defaultBuilder)),
    endpoint,
    freeDisk: await freeDisk(engine, endpoint),
  };
}

/** An engine that does not answer says so in `docker info` more clearly than in `docker buildx ls`: that one's error goes first. */
async function builderList(docker: Context["docker"]): Promise<readonly Builder[] | Error> {
  try {
    return await listBuilders(docker);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function freeDisk(engine: EngineFacts, endpoint: string): Promise<number | undefined> {
  const isHere =
    process.platform === "linux" &&
    (endpoint === "default" || endpoint.startsWith("unix://")) &&
    engine.operatingSystem !== "Docker Desktop";
  if (!isHere) return undefined;
  try {
    const { bavail, bsize } = await statfs(engine.dataRoot);
    return bavail * bsize;
  } catch {
    // A rootless engine's directory may be hidden from us.
    return undefined;
  }
}
