/** What a run that was killed left in the engine: containers by their label, images by their name. */
import type { Context } from "../context.ts";
import { listRunArgs, removeContainerArgs, runLabel } from "../engine/containers.ts";
import { dockerArgv } from "../engine/docker.ts";
import { listNamedImagesArgs, removeImageArgs } from "../engine/images.ts";

export interface Remains {
  /** IDs. */
  readonly containers: readonly string[];
  /** Names: `transship/doctor:…`. */
  readonly images: readonly string[];
}

/** The names under which images stand that are only for a while. */
const temporaryImages = ["transship/doctor", "transship/build", "transship/probe"];

/** Looks for what is there of all runs, or of that one. */
export async function findRemains(
  { docker }: Pick<Context, "docker">,
  runId?: string,
): Promise<Remains> {
  const [containers, ...images] = await Promise.all([
    docker.run(listRunArgs(runId)),
    ...temporaryImages.map(async (name) => await docker.run(listNamedImagesArgs(name))),
  ]);
  const names = images.flatMap(({ stdout }) => words(stdout));
  return {
    containers: words(containers.stdout),
    images: names.filter((name) => runId === undefined || name.includes(runId)),
  };
}

/** Removes them. @returns what was removed */
export async function removeRemains(remains: Remains, { docker, report }: Context): Promise<void> {
  const commands = [
    ...(remains.containers.length === 0 ? [] : [removeContainerArgs(...remains.containers)]),
    ...(remains.images.length === 0 ? [] : [removeImageArgs(...remains.images)]),
  ];
  for (const args of commands) {
    report({ kind: "command", argv: dockerArgv(args) });
    await docker.run(args);
  }
}

/** What there is, as a sentence's part. */
export function describeRemains({ containers, images }: Remains): string {
  return `${containers.length} containers (label ${runLabel}), ${images.length} images (transship/…)`;
}

function words(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.includes("<none>"));
}
