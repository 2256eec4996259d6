/** What is known of the machine that builds and of the stages that it builds, as soon as somebody says so. */
import type { Machine } from "../builder/machine.ts";
import type { Context } from "../context.ts";
import type { Platform } from "../platform/platform.ts";
import type { Surroundings } from "./origin.ts";
import type { Work } from "./produce.ts";
import type { Questions } from "./questions.ts";
import { targetStages } from "./stages.ts";

export interface KnownSurroundings {
  /** What is known now. */
  now(): Surroundings;
  /** When something is known, or nothing will be. */
  readonly settled: Promise<void>;
  /** When the engine itself has said it, or failed to. */
  readonly certain: Promise<void>;
  /** The builder's own word on its machine, which counts more than any other. */
  learn(native: Platform | undefined): void;
}

export function watchSurroundings(
  { request, options, source }: Work,
  { engine, machine }: Questions,
  { env }: Pick<Context, "env">,
): KnownSurroundings {
  const { dockerfile } = source;
  let known: Surroundings = { targets: [] };
  let isFinal = false;
  const learn = (native: Platform | undefined) => {
    if (native === undefined) return;
    const targets =
      dockerfile === undefined ? [] : targetStages({ dockerfile, request, options, env, native });
    known = { native, targets };
  };
  const learnOf = async (asked: Promise<Machine | undefined> | undefined) => {
    const told = await asked;
    if (!isFinal) learn(told?.platform);
  };
  const settled = learnOf(machine);
  const certain = learnOf(engine).catch(() => {});
  return {
    now: () => known,
    settled,
    certain,
    learn(native) {
      isFinal ||= native !== undefined;
      learn(native);
    },
  };
}
