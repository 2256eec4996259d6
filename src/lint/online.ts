/** What only a registry knows of a Dockerfile's bases: whether a digest is that of one platform's image. */
import type { Context } from "../context.ts";
import { resolveStages } from "../dockerfile/stages.ts";
import { parseDockerfile } from "../dockerfile/syntax.ts";
import { offeredPlatforms } from "../image/offered.ts";
import { inParallel } from "../process/parallel.ts";
import { type InspectOptions, requestFor } from "./inspect.ts";
import type { Beside } from "./view.ts";

/** How long a registry is waited for, in milliseconds. */
const deadlineMs = 10_000;

/** Registries that are asked side by side. */
const width = 8;

/** Asks for each image that is named by its digest. One that nobody answers for is told, and left out. @throws what the signal ends with */
export async function askRegistries(
  text: string,
  options: InspectOptions,
  context: Context,
): Promise<NonNullable<Beside["offered"]>> {
  const answers = await inParallel(pinnedImages(text, options), width, async (name) => {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(deadlineMs)]);
    try {
      const offered = await offeredPlatforms({ name }, { ...context, signal });
      return offered === undefined ? [] : [[name, offered] as const];
    } catch (error) {
      context.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      const note = `For which platform ${name} is, is not known: ${reason}`;
      context.report({ kind: "note", text: note });
      return [];
    }
  });
  return new Map(answers.flat());
}

function pinnedImages(text: string, options: InspectOptions): readonly string[] {
  const dockerfile = parseDockerfile(text);
  const stages = options.platforms.flatMap(
    (platform) => resolveStages(dockerfile, requestFor(platform, options)).stages,
  );
  const bases = [...stages, ...stages.flatMap(({ sources }) => sources)].map(({ base }) => base);
  const pinned = bases.flatMap((base) =>
    base.kind === "image" && base.isPinned && base.missing.length === 0 ? [base.name] : [],
  );
  return [...new Set(pinned)];
}
