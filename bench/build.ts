/** `transship build` against `docker buildx build --load`: of an unchanged tree, and after a change of every layer above the base. */
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { EngineBenchmark } from "./benchmark.ts";
import { pairedRuns, type Run } from "./measure.ts";
import { imagePrefix, root, type Setting } from "./setting.ts";

export const unchangedBuild: EngineBenchmark = {
  name: "build",
  rounds: 9,
  on: "every-engine",
  async measure(setting, rounds) {
    const context = path.join(root, "examples", "hello");
    const times = await pairedRuns(
      ours(setting, { image: "hello", context }),
      theirs(setting, { image: "hello", context }),
      { rounds, signal: setting.site.signal },
    );
    return [
      {
        outcome: "measured",
        what: `\`transship build\`, unchanged tree, verified (${setting.imageStore} image store)`,
        peer: "`docker buildx build --load`",
        ...times,
        target: { kind: "ratio", most: 0.8 },
      },
    ];
  },
};

/** Random data that each run copies in anew: about what a service brings along above its base. */
const payloadBytes = 32_000_000;

export const coldBuild: EngineBenchmark = {
  name: "cold",
  rounds: 7,
  on: "every-engine",
  async measure(setting, rounds) {
    const [mine, other] = [await coldContext(setting, "ours"), await coldContext(setting, "peer")];
    const times = await pairedRuns(
      { ...ours(setting, { image: "cold", context: mine }), before: renew(mine) },
      { ...theirs(setting, { image: "cold", context: other }), before: renew(other) },
      { rounds, signal: setting.site.signal },
    );
    return [
      {
        outcome: "measured",
        what: `\`transship build\`, every layer above the base new, verified (${setting.imageStore} image store)`,
        peer: "`docker buildx build --load`",
        ...times,
        target: { kind: "ratio", most: 1.05, plusMs: 400 },
      },
    ];
  },
};

interface Source {
  readonly image: string;
  /** A directory, absolute. */
  readonly context: string;
}

function ours(setting: Setting, { image, context }: Source): Run {
  const { builder, native, baseFlags, storeFlags, env } = setting;
  const name = ["--image", `${imagePrefix}/${image}`, "--tag", "ours"];
  const where = ["--builder", builder, "--platform", native, ...storeFlags];
  const argv = setting.transship("build", ...name, ...where, ...baseFlags, "--context", context);
  return { argv, env };
}

function theirs(setting: Setting, { image, context }: Source): Run {
  const { builder, native, baseFlags, env } = setting;
  const name = ["--tag", `${imagePrefix}/${image}:peer`, "--load"];
  const where = ["--builder", builder, "--platform", native];
  const build = ["docker", "buildx", "build", ...name, ...where, ...baseFlags, context];
  return { argv: setting.command(...build), env };
}

async function coldContext({ directory }: Setting, side: string): Promise<string> {
  const context = path.join(directory, `cold-${side}`);
  await mkdir(context, { recursive: true });
  const dockerfile = path.join(root, "bench", "cold.Dockerfile");
  await copyFile(dockerfile, path.join(context, "Dockerfile"));
  return context;
}

function renew(context: string): () => Promise<void> {
  return async () => await writeFile(path.join(context, "payload"), randomBytes(payloadBytes));
}
