/** What the name of a step says, to who knows which platforms the stages are for and what the machine is. */
import { parseVertexName } from "../dockerfile/steps.ts";
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { Origin } from "./progress/steps.ts";
import { platformOfStep, type TargetStages } from "./stages.ts";

/** Reads a vertex's name, in a run that builds those targets on one machine. In runs of several platforms the name itself has the platform. */
export function identify(name: string, targets: readonly TargetStages[]): Origin {
  const native = targets.find((one) => one.native !== undefined)?.native;
  const vertex = parseVertexName(name);
  const title = name.replaceAll(/\s+/g, " ");
  const { kind } = vertex;
  if (kind !== "step") return { title, isMain: kind === "export" || kind === "cache" };
  const platform = vertex.platform ?? platformOfStep(vertex, targets);
  const isProgram = startsProgram(vertex.command);
  return {
    title,
    isMain: true,
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
    ...(isProgram && platform !== undefined && native !== undefined
      ? { execution: runsNatively(platform, native) ? "native" : "emulated" }
      : {}),
  };
}

/** Whether a step runs something; `ONBUILD RUN` is one that its base image brings. */
export function startsProgram(command: string): boolean {
  return /^(?:ONBUILD )?RUN\b/i.test(command);
}
