/** The platforms that a service is built for. */
import { isFailure } from "../errors.ts";
import {
  formatPlatform,
  parsePlatform,
  type Platform,
  samePlatform,
} from "../platform/platform.ts";
import type { Problem, Way } from "./problem.ts";

/** Where a service can say it, and the word at the top for those that say nothing. */
export interface SaidPlatforms {
  /** `x-transship.platforms` of the service. */
  readonly own?: readonly string[] | undefined;
  /** Its `build.platforms`; empty: nothing. */
  readonly build: readonly string[];
  /** Its `platform`: where it is run. */
  readonly run?: string | undefined;
  /** `x-transship.platforms` at the top. */
  readonly shared?: readonly string[] | undefined;
}

/** The first of those places that says something. That `build.platforms` holds `platform` Compose itself sees to. */
export function chosenPlatforms(said: SaidPlatforms, service: Way): readonly Platform[] | Problem {
  const build = readEach(said.build, [...service, "build", "platforms"]);
  if ("text" in build) return build;
  const run = readEach(said.run === undefined ? [] : [said.run], [...service, "platform"]);
  if ("text" in run) return run;
  const own = said.own?.map(parsePlatform) ?? [];
  if (own.length > 0) return contradiction(own, build, run, service) ?? own;
  const others = [build, run, said.shared?.map(parsePlatform) ?? []];
  return others.find(({ length }) => length > 0) ?? [parsePlatform("linux/amd64")];
}

function contradiction(
  own: readonly Platform[],
  build: readonly Platform[],
  run: readonly Platform[],
  service: Way,
): Problem | undefined {
  if (build.length > 0 && !(isWithin(own, build) && isWithin(build, own))) {
    const text = `x-transship.platforms says ${listed(own)}, build.platforms ${listed(build)}: leave one of them out.`;
    return { way: [...service, "x-transship", "platforms"], at: "value", text };
  }
  if (!isWithin(run, own)) {
    const text = `The service runs on ${listed(run)}, for which x-transship.platforms does not build it (${listed(own)}).`;
    return { way: [...service, "platform"], at: "value", text };
  }
  return undefined;
}

function isWithin(some: readonly Platform[], all: readonly Platform[]): boolean {
  return some.every((one) => all.some((other) => samePlatform(one, other)));
}

function readEach(texts: readonly string[], way: Way): readonly Platform[] | Problem {
  try {
    return texts.map(parsePlatform);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { way, at: "value", text: `${error.message} ${error.hint}` };
  }
}

function listed(platforms: readonly Platform[]): string {
  return platforms.map(formatPlatform).join(", ");
}
