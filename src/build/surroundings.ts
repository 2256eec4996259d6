/** What is known of the machine that builds and of the stages that it builds, as soon as somebody says so. */
import type { Context } from "../context.ts";
import type { Platform } from "../platform/platform.ts";
import type { Surroundings } from "./origin.ts";
import type { Work } from "./produce.ts";
import type { Questions } from "./questions.ts";
import { targetStages } from "./stages.ts";

export interface KnownSurroundings {
  /** What is known now. */
  now(): Surroundings;
  /** When the engine has said what it knows, or failed to. */
  readonly settled: Promise<void>;
  /** The builder's own word on its machine, which counts more than any other. */
  learn(native: Platform | undefined): void;
}

export function watchSurroundings(
  { request, options, source }: Work,
  { engine }: Questions,
  { env }: Pick<Context, "env">,
): KnownSurroundings {
  const { dockerfile } = source;
  let known: Surroundings = { targets: [] };
  const learn = (native: Platform | undefined) => {
    if (native === undefined) return;
    const targets =
      dockerfile === undefined ? [] : targetStages({ dockerfile, request, options, env, native });
    known = { native, targets };
  };
  const ask = async () => {
    const facts = await engine;
    if (known.native === undefined) learn(facts?.platform);
  };
  const settled = ask().catch(() => {});
  return { now: () => known, settled, learn };
}
