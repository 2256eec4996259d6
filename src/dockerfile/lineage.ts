/** How the stages of a build hang together: what is built upon what, and what of a stage the others take. */
import type { Instruction } from "./instruction.ts";
import { pathOf } from "./directory.ts";
import { mountsOf } from "./mount.ts";
import type { Source } from "./source.ts";
import type { ResolvedStage } from "./stages.ts";

/** What holds where an instruction stands. */
export interface Standing {
  /** Undefined where nobody knows it. */
  readonly directory: string | undefined;
  /** A word with its variables replaced; undefined where a part of it is not known. */
  readonly textOf: (word: string) => string | undefined;
}

/** Tells it of a stage's instructions, of those at least that copy from another one. The stage comes last, behind what it is built upon. */
export type StandingReader = (
  chain: readonly ResolvedStage[],
) => ReadonlyMap<Instruction, Standing>;

export interface Lineage {
  readonly stages: readonly ResolvedStage[];
  /** The stages that the image consists of: the target, and those that it begins with. */
  readonly image: ReadonlySet<number>;
  /** Each stage with what it is built upon, the first one first. */
  readonly chains: ReadonlyMap<number, readonly ResolvedStage[]>;
  /** What copies from or mounts each stage itself. */
  readonly takings: ReadonlyMap<number, readonly Taking[]>;
}

interface Taking {
  readonly by: ResolvedStage;
  readonly isMount: boolean;
  readonly from: readonly TakenPath[];
  /** Where it is put; undefined where nobody knows it, and of a mount. */
  readonly to: string | undefined;
}

interface TakenPath {
  /** The absolute path, up to its first pattern or part that is not known; empty for the root. */
  readonly fixed: string;
  readonly isCut: boolean;
}

/** How the stages of one target hang together. Those of `image` are the target and what it is built upon. */
export function lineageIn(
  stages: readonly ResolvedStage[],
  standingsOf: StandingReader,
  image: ReadonlySet<number> = imageStages(stages),
): Lineage {
  const chains = new Map<number, readonly ResolvedStage[]>();
  for (const stage of stages) chains.set(stage.index, [...chainBefore(stage, chains), stage]);
  return { stages, image, chains, takings: takingsIn(chains, stages, standingsOf) };
}

/** The target's stage, which is the last, and those that it is built upon. */
export function imageStages(stages: readonly ResolvedStage[]): ReadonlySet<number> {
  const image = new Set<number>();
  const byIndex = new Map(stages.map((stage) => [stage.index, stage]));
  for (let stage = stages.at(-1); stage !== undefined && !image.has(stage.index);) {
    image.add(stage.index);
    stage = stage.base.kind === "stage" ? byIndex.get(stage.base.index) : undefined;
  }
  return image;
}

function takingsIn(
  chains: Lineage["chains"],
  stages: readonly ResolvedStage[],
  standingsOf: StandingReader,
): ReadonlyMap<number, readonly Taking[]> {
  const takings = new Map<number, Taking[]>();
  for (const by of stages) {
    if (by.sources.every(({ base }) => base.kind !== "stage")) continue;
    const standings = standingsOf(chains.get(by.index) ?? [by]);
    for (const source of by.sources) {
      if (source.base.kind !== "stage") continue;
      const { index } = source.base;
      const known = takings.get(index) ?? [];
      known.push({ by, ...takenBy(source, standings.get(source.instruction)) });
      takings.set(index, known);
    }
  }
  return takings;
}

function takenBy(
  { instruction, range }: Source,
  { directory, textOf }: Standing = { directory: undefined, textOf: () => undefined },
): Omit<Taking, "by"> {
  if (instruction.keyword !== "COPY") {
    const mount = mountsOf(instruction).find((one) => one.range === range);
    const source = mount?.options.get("source") ?? "";
    return { isMount: true, from: [takenPath(textOf(source) ?? source)], to: undefined };
  }
  const words = instruction.arguments.map(({ text }) => text);
  const from = words.slice(0, -1).map((word) => takenPath(textOf(word) ?? word));
  return { isMount: false, from, to: pathOf(textOf(words.at(-1) ?? ""), { directory }) };
}

/** What a word of COPY --from names, or the source of a mount. */
function takenPath(word: string): TakenPath {
  const fixed = pathOf(word.replace(/[*?[$].*$/, "") || "/", { directory: "/" }) ?? "/";
  return { fixed: fixed === "/" ? "" : fixed, isCut: /[*?[$]/.test(word) };
}

/** Of a stage that none of the earlier ones is the base of, nothing. */
function chainBefore(
  { base }: ResolvedStage,
  earlier: ReadonlyMap<number, readonly ResolvedStage[]>,
): readonly ResolvedStage[] {
  return base.kind === "stage" ? (earlier.get(base.index) ?? []) : [];
}

/** The stage and what it is built upon, the first one first. */
export function chainOf(stage: ResolvedStage, { chains }: Lineage): readonly ResolvedStage[] {
  return chains.get(stage.index) ?? [stage];
}

/** The stage and everything that is built upon it. */
export function treeOf(stage: ResolvedStage, lineage: Lineage): readonly ResolvedStage[] {
  return lineage.stages.filter((other) => chainOf(other, lineage).includes(stage));
}

/** What takes files of the stage, or of one that is built upon it. */
function takingsFrom(stage: ResolvedStage, lineage: Lineage): readonly Taking[] {
  return treeOf(stage, lineage).flatMap(({ index }) => lineage.takings.get(index) ?? []);
}

/** Whether the image may get something of that path of the stage, by however many stages. What is put where nobody knows it may be anywhere. */
export function isCarriedOut(stage: ResolvedStage, path: string, lineage: Lineage): boolean {
  return isCarried(stage, path, { lineage, unknown: "/", seen: new Set() });
}

/** The same, as far as its way is known: what a stage between only mounts, or puts where nobody knows it, goes no further. */
export function isSurelyCarriedOut(stage: ResolvedStage, path: string, lineage: Lineage): boolean {
  return isCarried(stage, path, { lineage, unknown: undefined, seen: new Set() });
}

interface Following {
  readonly lineage: Lineage;
  /** What stands for a place that is not known; undefined where it is not followed. */
  readonly unknown: string | undefined;
  readonly seen: Set<string>;
}

function isCarried(stage: ResolvedStage, path: string, following: Following): boolean {
  const { lineage, unknown, seen } = following;
  if (lineage.image.has(stage.index)) return true;
  const key = `${stage.index} ${path}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return takingsFrom(stage, lineage).some((taking) => {
    if (!takes(taking, path)) return false;
    if (lineage.image.has(taking.by.index)) return true;
    const to = takenTo(taking, path) ?? unknown;
    return to !== undefined && isCarried(taking.by, to, following);
  });
}

/** The paths of the stage that other stages hand on to the image, as far as they are fixed. */
export function handedOn(stage: ResolvedStage, lineage: Lineage): readonly string[] {
  return takingsFrom(stage, lineage)
    .filter(({ by }) => lineage.image.has(by.index) || isCarriedOut(by, "/", lineage))
    .flatMap(({ isMount, from }) => (isMount ? ["/"] : from.map(({ fixed }) => fixed)));
}

/** Whether a stage that is no part of the image takes something of that path. */
export function isUsedBeside(stage: ResolvedStage, path: string, lineage: Lineage): boolean {
  return takingsFrom(stage, lineage).some(
    (taking) => !lineage.image.has(taking.by.index) && takes(taking, path),
  );
}

/** Whether it takes something of that path. */
function takes({ from }: Taking, path: string): boolean {
  return from.some((one) => isAbove(one, path) || isBelow(one, path));
}

/** Where what it takes of that path comes to; undefined where nobody knows it. */
function takenTo({ from, to }: Taking, path: string): string | undefined {
  const one = from.find((taken) => isAbove(taken, path) || isBelow(taken, path));
  if (one === undefined || to === undefined) return undefined;
  if (!isAbove(one, path)) return to;
  const rest = path.slice(one.fixed.length);
  return to === "/" ? rest || "/" : to + rest;
}

function isAbove({ fixed }: TakenPath, path: string): boolean {
  return fixed === "" || path === fixed || path.startsWith(`${fixed}/`);
}

function isBelow({ fixed, isCut }: TakenPath, path: string): boolean {
  return path === "/" || fixed.startsWith(`${path}/`) || (isCut && path.startsWith(fixed));
}

/** The name of the image that a chain of stages begins with, its variables replaced as far as they are known. */
export function imageOf([first]: readonly ResolvedStage[]): string {
  if (first === undefined) return "";
  return first.base.kind === "image" || first.base.kind === "context"
    ? first.base.name
    : first.stage.image.text;
}
