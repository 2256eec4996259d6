/** What the name of a step says, to who knows which platforms the stages are for and what the machine is. */
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform, parsePlatform, type Platform } from "../platform/platform.ts";
import type { Origin } from "./progress/steps.ts";

export interface Surroundings {
  /** The platform of a stage, by the name that BuildKit's steps have of it; `undefined` where nobody knows. */
  readonly stagePlatform: (stage: string | undefined) => Platform | undefined;
  /** What the machine that builds is; `undefined` while nobody knows. */
  readonly native: () => Platform | undefined;
}

/** `[linux/arm64 build 2/5] RUN npm ci`: a platform only where several are built. */
const stepName = /^\[(?:(linux\/[\w/]+)(?:->[\w/]+)? )?(?:(\S+) )?\s*\d+\/\d+\] (.*)$/s;

export function identify(name: string, { stagePlatform, native }: Surroundings): Origin {
  const [, named, stage, command] = stepName.exec(name) ?? [];
  const title = name.replaceAll(/\s+/g, " ");
  if (command === undefined) return { title, isMain: /^exporting |^importing /.test(name) };
  const platform = named === undefined ? stagePlatform(stage) : parsePlatform(named);
  const machine = native();
  const isProgram = /^RUN\b/i.test(command);
  return {
    title,
    isMain: true,
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
    ...(isProgram && platform !== undefined && machine !== undefined
      ? { execution: runsNatively(platform, machine) ? ("native" as const) : ("emulated" as const) }
      : {}),
  };
}
