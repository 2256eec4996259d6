/** A build that is only planned: its commands are shown, and none is run. */
import type { Context } from "../context.ts";
import { buildArgs, type BuildOutput } from "../engine/build.ts";
import { dockerArgv } from "../engine/docker.ts";
import { labelArgs, loadImageArgs } from "../engine/images.ts";
import { canonicalName, familiarName } from "../oci/reference.ts";
import { formatPlatform } from "../platform/platform.ts";
import { type Explanation, explainEmulation } from "./emulation/explain.ts";
import { buildCommand, type Work } from "./produce.ts";
import { askEngine } from "./questions.ts";
import type { BuildResult } from "./result.ts";
import { watchSurroundings } from "./surroundings.ts";

/** `store` is the store's directory. */
export async function planBuild(work: Work, store: string, context: Context): Promise<BuildResult> {
  const { options, request, builder } = work;
  const { report } = context;
  const { reference, platforms } = request;
  const output: BuildOutput = { kind: "layout", directory: store, name: canonicalName(reference) };
  const command = {
    ...buildCommand({ options, request, builder }, output),
    metadataFile: "metadata.json",
  };
  report({ kind: "command", argv: dockerArgv(buildArgs(command)) });
  if (request.load) {
    report({ kind: "command", argv: dockerArgv(loadImageArgs()) });
    report({ kind: "command", argv: dockerArgv(labelArgs(familiarName(reference))) });
  }
  if (request.pushTo !== undefined) {
    const text = `Then ${familiarName(request.pushTo)} would be pushed from the store, missing blobs only.`;
    report({ kind: "note", text });
  }
  const image = familiarName(reference);
  const text = `Platforms: ${platforms.map(formatPlatform).join(", ")}; builder ${builder.name}.`;
  report({ kind: "detail", text });
  const explanation = await explained(work, image, context);
  return {
    image,
    outcome: "planned",
    verdict: "unproven",
    platforms: [],
    loaded: [],
    checks: [],
    steps: [],
    ...(explanation === undefined ? {} : { explanation }),
    store,
  };
}

async function explained(
  work: Work,
  image: string,
  context: Context,
): Promise<Explanation | undefined> {
  if (work.options.explainEmulation !== true) return undefined;
  const surroundings = watchSurroundings(work, askEngine(work, image, context), context);
  await surroundings.certain;
  return explainEmulation({ source: work.source, native: undefined, ...surroundings.now() }, []);
}
