/** After an interrupt: whether the builder has really let go of the build. */
import path from "node:path";
import type { Context } from "../context.ts";
import type { BuildCommand } from "../engine/build.ts";
import { runningBuilds } from "../engine/history.ts";
import { pauseFor } from "../process/wait.ts";

export interface EndedBuild extends Pick<BuildCommand, "builder" | "context"> {
  /** When it was begun, in milliseconds since the epoch. */
  readonly begunAt: number;
}

/** BuildKit ends a step within two seconds of its client's end. In milliseconds. */
const deadlineMs = 6_000;
const everyMs = 200;
/** How far the builder's clock may be off. */
const clockMs = 5_000;

/** Waits until the builder works on it no more, and says so where it does not stop. Throws nothing. */
export async function waitForEnd(
  { builder, context, begunAt }: EndedBuild,
  { docker, report }: Pick<Context, "docker" | "report">,
): Promise<void> {
  // The run's own signal has been given: this is what is done after it.
  const signal = AbortSignal.timeout(deadlineMs);
  const name = path.basename(path.resolve(context));
  try {
    for (;;) {
      const running = await runningBuilds(builder, docker, { signal });
      if (running === undefined) {
        const text = `Whether ${builder} has let go of the build is not known: buildx 0.20 and newer say it.`;
        return report({ kind: "note", text });
      }
      const own = running.filter(
        (one) => isOwn(one.name, name) && one.createdAt > begunAt - clockMs,
      );
      if (own.length === 0) return;
      await pauseFor(everyMs, signal);
    }
  } catch {
    const text = `${builder} may still be working on the build; look: docker buildx --builder ${builder} history ls; end everything there: docker buildx stop ${builder}`;
    report({ kind: "warning", text });
  }
}

/** `app`, `app/Dockerfile.dev`; within a repository its path there: `services/app`. */
function isOwn(recorded: string, context: string): boolean {
  return recorded.split("/").includes(context);
}
