/** The buildkitd.toml of a builder, kept where the commands that are shown name it. buildx reads it when it makes a node. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { DesiredBuilder } from "../builder/configuration.ts";
import type { Context } from "../context.ts";
import { quote } from "../process/command.ts";
import type { Step } from "../process/plan.ts";
import { cacheDirectory } from "../store/directory.ts";
import { inCache } from "./lock.ts";

export function configurationFile(builder: string, env: Context["env"]): string {
  return path.join(cacheDirectory(env), "buildkitd", `${builder}.toml`);
}

/** `undefined` where there is none, or none that can be read. */
export async function readConfiguration(file: string): Promise<string | undefined> {
  return await readFile(file, "utf8").catch(() => undefined);
}

/** The one step that writes it for the steps behind it; none where it is not needed, or there as it should be. */
export function configurationSteps(
  { configurationFile: file, configuration }: DesiredBuilder,
  steps: readonly Step[],
  written: string | undefined,
  env: Context["env"],
): readonly Step[] {
  const isNeeded = steps.some(({ commands }) => commands.some((argv) => argv.includes(file ?? "")));
  if (file === undefined || !isNeeded || written === configuration) return [];
  const directory = path.dirname(file);
  const text = `mkdir -p ${quote(directory)} && cat > ${quote(file)} <<\\EOF\n${configuration}EOF\n`;
  return [
    {
      id: "write-configuration",
      title: `Write ${file}`,
      reason: "the builder's BuildKit is told how large its cache may grow, and of registries",
      commands: [["sh", "-c", text]],
      async act() {
        await inCache(env, async () => {
          await mkdir(directory, { recursive: true });
          await writeFile(file, configuration);
        });
      },
    },
  ];
}

export async function removeConfiguration(file: string): Promise<void> {
  await rm(file, { force: true });
}
