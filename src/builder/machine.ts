/**
 * What the engine said of its machine the last time, for who cannot wait for it: docker takes a tenth of a second to say it, and a
 * machine does not change.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { Context } from "../context.ts";
import type { EngineFacts } from "../engine/facts.ts";
import { formatPlatform, readPlatform } from "../platform/platform.ts";
import { keep, recall } from "../store/answers.ts";

export type Machine = Pick<EngineFacts, "platform" | "dataRoot" | "operatingSystem" | "context">;

/** How long it is believed without being asked again, in milliseconds. */
const lifeMs = 24 * 60 * 60_000;

/** `undefined` where nothing was kept, or too long ago. */
export async function keptMachine(env: Context["env"]): Promise<Machine | undefined> {
  const lines = await recall({ key: await keyOf(env), forMs: lifeMs, env });
  const [platform = "", dataRoot, operatingSystem, context] = lines ?? [];
  const parsed = readPlatform(platform);
  if (parsed === undefined || dataRoot === undefined) return undefined;
  if (operatingSystem === undefined || context === undefined) return undefined;
  return { platform: parsed, dataRoot, operatingSystem, context };
}

/** Where it cannot be kept it is asked again. */
export async function keepMachine(machine: Machine, env: Context["env"]): Promise<void> {
  const { platform, dataRoot, operatingSystem, context } = machine;
  await keep(await keyOf(env), [formatPlatform(platform), dataRoot, operatingSystem, context], env);
}

/** One for each engine that docker may be led to: by its variables, or by the current context in its configuration. */
async function keyOf(env: Context["env"]): Promise<string> {
  const directory = env["DOCKER_CONFIG"] || path.join(env["HOME"] || homedir(), ".docker");
  const config = await readFile(path.join(directory, "config.json"), "utf8").catch(() => "");
  const digest = createHash("sha256").update(config).digest("hex");
  return ["engine", env["DOCKER_HOST"] ?? "", env["DOCKER_CONTEXT"] ?? "", digest].join("\n");
}
