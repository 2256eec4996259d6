/** What a RUN needs to run on the machine that builds: what its commands need, taken together. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { mountsOf } from "../../dockerfile/mount.ts";
import type { Platform } from "../../platform/platform.ts";
import { translation } from "./architecture.ts";
import type { Edit } from "./edit.ts";
import { librariesOf } from "./families/packages.ts";
import { type Program, programOf } from "./program.ts";
import type { Script } from "./script.ts";
import type { State } from "./state.ts";
import {
  foreign,
  type Kind,
  kinds,
  type Output,
  type TargetVariable,
  type Toolchain,
  type Treatment,
} from "./treatment.ts";

export interface Judgement {
  readonly instruction: Instruction;
  readonly script: Script;
  /** The dearest of its commands'. */
  readonly kind: Kind;
  readonly isCross: boolean;
  readonly why: string;
  readonly caveats: readonly string[];
  readonly edits: readonly Edit[];
  readonly variables: readonly TargetVariable[];
  readonly preparations: readonly string[];
  readonly toolchains: readonly Toolchain[];
  /** Packages that are needed for the target beside the toolchain. */
  readonly libraries: readonly string[];
  /** Undefined where nobody can say what it leaves. */
  readonly outputs: readonly Output[] | undefined;
  /** What a stage that does this is called. */
  readonly stage: string;
  /** The user that it runs as, where USER says so. */
  readonly user?: string;
}

/** What is known of the stage as a whole. */
export interface Surroundings {
  readonly platform: Platform;
  readonly platforms: readonly Platform[];
  readonly image: string;
  readonly isSplit: boolean;
  readonly isCarriedOut: (path: string) => boolean;
  readonly isUsedOnBuilder: (path: string) => boolean;
}

/** A RUN with the programs that it starts, nothing said of them yet. */
export interface Reading {
  readonly instruction: Instruction;
  readonly script: Script;
  readonly programs: readonly Program[];
}

/** Every program that they start, in order. */
export function programsOf(judgements: Iterable<Judgement>): readonly Program[] {
  return [...judgements].flatMap(({ script }) =>
    script.commands.flatMap((command) => programOf(command) ?? []),
  );
}

/** Joins what was said of its commands. */
export function judge(
  { instruction, script }: Reading,
  treatments: readonly Treatment[],
  state: State,
  context: { readonly surroundings: Surroundings; readonly all: readonly Program[] },
): Judgement {
  const doubts = doubtsOf(instruction, script, state);
  const all = [...doubts, ...treatments];
  const dearest = dearestOf(all);
  const isInstalling = dearest?.kind === "install" && !context.surroundings.isSplit;
  const reason = isInstalling ? dearestOf(all.filter(({ kind }) => kind !== "install")) : dearest;
  const toolchains = distinct(all.flatMap(({ toolchain }) => toolchain ?? []));
  const vocabularies = distinct(all.flatMap((one) => one.vocabularies ?? []));
  const translations = vocabularies.map((one) => translation(one, context.surroundings.platforms));
  const isNameless = translations.includes(undefined);
  const needsRoot = toolchains.length > 0 && state.user !== undefined;
  const isForeign = isNameless || needsRoot;
  // What would have to be checked elsewhere says nothing where it cannot run at all.
  const said = dearest?.kind === "foreign" ? [dearest] : all;
  return {
    instruction,
    script,
    kind: isForeign ? "foreign" : (dearest?.kind ?? "plain"),
    isCross: all.some(({ kind }) => kind === "cross"),
    why: needsRoot
      ? "The compilers for the target would have to be installed by another user than the one it runs as."
      : isNameless
        ? "Its tools have no word of their own for one of the platforms."
        : whyOf(reason === undefined || reason.kind === "plain" ? dearest : reason),
    caveats: distinct(said.flatMap(({ caveat }) => caveat ?? [])),
    edits: all
      .flatMap(({ edits = [] }) => edits)
      .filter(({ start, end, text }) => text !== "" || end > start),
    variables: distinct([
      ...all.flatMap((one) => one.variables ?? []),
      ...(vocabularies.length > 0 ? (["TARGETARCH"] as const) : []),
    ]),
    preparations: distinct([
      ...translations.flatMap((one) => one ?? []),
      ...all.flatMap((one) => one.preparations ?? []),
    ]),
    toolchains,
    libraries: toolchains.includes("xx") ? librariesOf(context.all) : [],
    outputs: all.every(({ outputs }) => outputs !== undefined)
      ? all.flatMap(({ outputs = [] }) => outputs)
      : undefined,
    stage: all.find(({ stage }) => stage !== undefined)?.stage ?? "build",
    ...(state.user === undefined ? {} : { user: state.user }),
  };
}

/** Of several the one that makes something. */
function dearestOf(treatments: readonly Treatment[]): Treatment | undefined {
  return treatments.toSorted((one, other) => rankOf(other) - rankOf(one))[0];
}

function rankOf({ kind, stage }: Treatment): number {
  return 2 * kinds.indexOf(kind) + (stage === undefined ? 0 : 1);
}

function whyOf(treatment: Treatment | undefined): string {
  return treatment?.why ?? "It runs no program.";
}

/** What speaks against a RUN whatever its commands are. */
function doubtsOf(run: Instruction, script: Script, state: State): readonly Treatment[] {
  if (state.hasOtherShell) return [foreign("It is written for another shell than sh.")];
  if (!script.isComplete) return [foreign("Its shell text is more than can be read here.")];
  const isBound = mountsOf(run).some(({ from, type }) => from !== undefined && type === "bind");
  return isBound ? [foreign("It mounts another image or stage, and may run programs of it.")] : [];
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
