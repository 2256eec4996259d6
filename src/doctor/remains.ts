/** What a run that was killed left: containers by their label, images and temporary directories by their name. */
import type { Context } from "../context.ts";
import { listRunArgs, removeContainerArgs } from "../engine/containers.ts";
import { dockerArgv } from "../engine/docker.ts";
import { listNamedImagesArgs, removeImageArgs } from "../engine/images.ts";
import { leftDirectories, removeDirectory } from "../process/temporary.ts";

export interface Remains {
  /** IDs. */
  readonly containers: readonly string[];
  /** Names: `transship/doctor:…`. */
  readonly images: readonly string[];
  /** Paths on this machine. */
  readonly directories: readonly string[];
}

export const noRemains: Remains = { containers: [], images: [], directories: [] };

/** The names under which images stand that are only for a while. */
const temporaryImages = ["transship/doctor", "transship/build", "transship/probe"];

/** Looks for what is there of all runs, or of that one. */
export async function findRemains(
  { docker }: Pick<Context, "docker">,
  runId?: string,
): Promise<Remains> {
  const [directories, containers, ...images] = await Promise.all([
    leftDirectories(),
    docker.run(listRunArgs(runId)),
    ...temporaryImages.map(async (name) => await docker.run(listNamedImagesArgs(name))),
  ]);
  const names = images.flatMap(({ stdout }) => words(stdout));
  return {
    containers: words(containers.stdout),
    images: names.filter((name) => runId === undefined || name.includes(runId)),
    directories: runId === undefined ? directories : [],
  };
}

/** Removes them, and shows the commands that do. */
export async function removeRemains(remains: Remains, { docker, report }: Context): Promise<void> {
  const commands = [
    ...(remains.containers.length === 0 ? [] : [removeContainerArgs(...remains.containers)]),
    ...(remains.images.length === 0 ? [] : [removeImageArgs(...remains.images)]),
  ];
  for (const args of commands) {
    report({ kind: "command", argv: dockerArgv(args) });
    await docker.run(args);
  }
  for (const directory of remains.directories) {
    report({ kind: "note", text: `Removing ${directory}` });
    await removeDirectory(directory);
  }
}

export function countRemains({ containers, images, directories }: Remains): number {
  return containers.length + images.length + directories.length;
}

/** What there is, as a sentence's part. */
export function describeRemains({ containers, images, directories }: Remains): string {
  const counts = {
    containers: containers.length,
    images: images.length,
    directories: directories.length,
  };
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${count === 1 ? singular(what) : what}`)
    .join(", ");
}

function singular(plural: string): string {
  return plural === "directories" ? "directory" : plural.slice(0, -1);
}

function words(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.includes("<none>"));
}
