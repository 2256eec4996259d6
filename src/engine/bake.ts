/** The targets of bake files, as buildx reads them: `docker buildx bake --print`, which needs no engine (https://docs.docker.com/build/bake/reference/). */
import * as z from "zod";
import type { Docker } from "./docker.ts";

export interface BakeTarget {
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  /** The Dockerfile itself, where it stands in no file. */
  readonly inline?: string;
  readonly args: ReadonlyMap<string, string>;
  readonly contexts: ReadonlyMap<string, string>;
  readonly target?: string;
  /** As they are written. */
  readonly platforms: readonly string[];
}

const texts = z.record(z.string(), z.string().nullable()).nullish();
const target = z.object({
  context: z.string().default("."),
  dockerfile: z.string().default("Dockerfile"),
  "dockerfile-inline": z.string().optional(),
  args: texts,
  contexts: texts,
  target: z.string().optional(),
  platforms: z.array(z.string()).nullish(),
});
const printed = z.object({ target: z.record(z.string(), target).default({}) });

/** Those that buildx would build, by the files of the working directory. @throws DOCKER_FAILED and its kin */
export async function bakeTargets(
  files: readonly string[],
  docker: Docker,
): Promise<readonly BakeTarget[]> {
  const named = files.flatMap((file) => ["--file", file]);
  const { stdout } = await docker.run(["buildx", "bake", ...named, "--print"], {
    deadlineMs: 20_000,
  });
  return readBakeTargets(stdout);
}

/** @throws SyntaxError, ZodError */
export function readBakeTargets(json: string): readonly BakeTarget[] {
  return Object.entries(printed.parse(JSON.parse(json)).target).map(([name, seen]) => {
    const { context, dockerfile, args, contexts, platforms } = seen;
    const inline = seen["dockerfile-inline"];
    return Object.assign(
      {
        name,
        context,
        dockerfile,
        args: known(args),
        contexts: known(contexts),
        platforms: platforms ?? [],
      },
      inline === undefined ? {} : { inline },
      seen.target === undefined ? {} : { target: seen.target },
    );
  });
}

/** Without those that have no value. */
function known(values: Readonly<Record<string, string | null>> | null | undefined) {
  return new Map(
    Object.entries(values ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    ),
  );
}
