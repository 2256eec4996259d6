/** Which builder builds: the one that is named, else Transship's own, else the engine's. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { defaultBuilder, engineBuilder, findBuilder } from "./builder.ts";

export interface ChosenBuilder {
  readonly name: string;
  /** `docker` is the engine's own BuildKit. */
  readonly driver: string;
}

const instance = z.object({ Driver: z.string() });

/**
 * Finds the builder. buildx's own file tells at once of one that is there (docker/buildx, `store/store.go`); only where that does
 * not, buildx is asked.
 * @throws BUILDER_MISSING where one was named that is not there, and what {@link findBuilder} throws
 */
export async function chooseBuilder(
  named: string | undefined,
  context: Pick<Context, "docker" | "env" | "report">,
): Promise<ChosenBuilder> {
  const name = named ?? defaultBuilder;
  if (name === engineBuilder) return { name, driver: "docker" };
  const kept = await keptDriver(name, context.env);
  if (kept !== undefined) return { name, driver: kept };
  const found = await findBuilder(name, context.docker);
  if (found !== undefined) return { name, driver: found.driver };
  if (named !== undefined && named !== defaultBuilder) {
    throw fail("BUILDER_MISSING", { builder: named, reason: "no other was named" });
  }
  context.report({
    kind: "warning",
    text: `There is no builder ${name} yet, so the engine's own BuildKit builds: no cache of its own, no cache export, and on the classic image store one platform after the other, each read back from the engine. To make it: transship setup`,
  });
  return { name: engineBuilder, driver: "docker" };
}

/** The driver of a builder that buildx keeps a file of. */
async function keptDriver(name: string, env: Context["env"]): Promise<string | undefined> {
  const docker = env["DOCKER_CONFIG"] || path.join(env["HOME"] || homedir(), ".docker");
  const directory = env["BUILDX_CONFIG"] || path.join(docker, "buildx");
  try {
    const text = await readFile(path.join(directory, "instances", path.basename(name)), "utf8");
    return instance.parse(JSON.parse(text)).Driver;
  } catch {
    return undefined;
  }
}
