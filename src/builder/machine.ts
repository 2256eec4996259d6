/**
 * What the engine said of its machine the last time, for who cannot wait for it: docker takes a tenth of a second to say it, and a
 * machine does not change.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { Context } from "../context.ts";
import type { EngineFacts } from "../engine/facts.ts";
import { formatPlatform, readPlatform } from "../platform/platform.ts";
import { answersDirectory } from "../store/directory.ts";

export type Machine = Pick<EngineFacts, "platform" | "dataRoot" | "operatingSystem" | "context">;

/** How long it is believed without being asked again, in milliseconds. */
const lifeMs = 24 * 60 * 60_000;

const kept = z.object({
  at: z.number(),
  platform: z.string(),
  dataRoot: z.string(),
  operatingSystem: z.string(),
  context: z.string(),
});

/** `undefined` where nothing was kept, or too long ago. */
export async function keptMachine(env: Context["env"]): Promise<Machine | undefined> {
  try {
    const { at, platform, ...rest } = kept.parse(
      JSON.parse(await readFile(await fileOf(env), "utf8")),
    );
    const parsed = readPlatform(platform);
    if (parsed === undefined || Date.now() - at > lifeMs) return undefined;
    return { platform: parsed, ...rest };
  } catch {
    return undefined;
  }
}

/** Where it cannot be kept it is asked again. */
export async function keepMachine(machine: Machine, env: Context["env"]): Promise<void> {
  const { platform, dataRoot, operatingSystem, context } = machine;
  const words = { platform: formatPlatform(platform), dataRoot, operatingSystem, context };
  try {
    const file = await fileOf(env);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ at: Date.now(), ...words }));
  } catch {
    // Asked again the next time.
  }
}

/** One file for each engine that docker may be led to: by its variables, or by the current context in its configuration. */
async function fileOf(env: Context["env"]): Promise<string> {
  const directory = env["DOCKER_CONFIG"] || path.join(env["HOME"] || homedir(), ".docker");
  const config = await readFile(path.join(directory, "config.json"), "utf8").catch(() => "");
  const words = [env["DOCKER_HOST"] ?? "", env["DOCKER_CONTEXT"] ?? "", config];
  const key = createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 32);
  return path.join(answersDirectory(env), `${key}.machine`);
}
