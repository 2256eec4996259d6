/** A stage that is only copied from, moved to the machine that builds with everything that is built upon it. */
import { isUnresolved } from "../../dockerfile/base.ts";
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { ResolvedStage } from "../../dockerfile/stages.ts";
import type { Dockerfile } from "../../dockerfile/syntax.ts";
import { type Platform, samePlatform } from "../../platform/platform.ts";
import { distributionOf } from "./distribution.ts";
import { type Judgement, programsOf } from "./judgement.ts";
import { judgeAll } from "./judgements.ts";
import {
  chainOf,
  imageOf,
  isCarriedOut,
  isUsedBeside,
  type Lineage,
  treeOf,
} from "../../dockerfile/lineage.ts";
import { imagePaths, instructionsOf, type Obstacle, obstacleIn } from "./obstacle.ts";
import { type Advice, isSound, noted, wayOf, whyOf } from "./plan.ts";
import {
  buildFrom,
  newEquipment,
  prefaceLines,
  stageLines,
  type StageNames,
  takenNames,
} from "./stage-lines.ts";
import { writeInstruction } from "./writing.ts";

export interface Moving {
  readonly dockerfile: Dockerfile;
  readonly lineage: Lineage;
  /** The platform that the stage runs on, and those that the build is for. */
  readonly platform: Platform;
  readonly platforms: readonly Platform[];
  /** What was found already, by the stage that is the first of those that move. */
  readonly moves: Map<number, Move>;
}

/** What one stage becomes. */
interface Moved {
  readonly stage: ResolvedStage;
  readonly judgements: ReadonlyMap<Instruction, Judgement>;
}

export type Move = { readonly advice: Advice } | { readonly obstacle: Obstacle };

/** Moves the stage, with as much of what it is built upon as serves nothing of the image. */
export function moveStage(stage: ResolvedStage, moving: Moving): Move {
  let obstacle: Obstacle = { why: "Nobody can say here what it begins with." };
  for (const top of chainOf(stage, moving.lineage)) {
    const move = moving.moves.get(top.index) ?? moveFrom(top, moving);
    moving.moves.set(top.index, move);
    if ("advice" in move) return move;
    ({ obstacle } = move);
  }
  return { obstacle };
}

function moveFrom(top: ResolvedStage, moving: Moving): Move {
  const found = moveTree(top, { ...moving, known: new Map() }, new Set());
  return "why" in found ? { obstacle: found } : write(top, found, moving);
}

/** With what was found of other stages on the way, each taken to move if those that wait for it do. */
interface Trying extends Moving {
  readonly known: Map<number, readonly Moved[] | Obstacle>;
}

/** Everything built upon that stage, or what stands in the way. */
function moveTree(
  top: ResolvedStage,
  trying: Trying,
  waiting: ReadonlySet<number>,
): readonly Moved[] | Obstacle {
  const found = trying.known.get(top.index) ?? tryTree(top, trying, waiting);
  trying.known.set(top.index, found);
  return found;
}

function tryTree(
  top: ResolvedStage,
  moving: Trying,
  waiting: ReadonlySet<number>,
): readonly Moved[] | Obstacle {
  const { lineage } = moving;
  const tree = treeOf(top, lineage);
  if (tree.some(({ index }) => lineage.image.has(index))) {
    return { why: "The image is built upon it." };
  }
  const before = new Set([...waiting, ...tree.map(({ index }) => index)]);
  const moved: Moved[] = [];
  for (const stage of tree) {
    const judgements = judgeMoved(stage, moving);
    const obstacle = obstacleIn(stage, judgements, moving) ?? sourceObstacle(stage, moving, before);
    if (obstacle !== undefined) return obstacle;
    moved.push({ stage, judgements });
  }
  return moved;
}

function judgeMoved(stage: ResolvedStage, moving: Moving): ReadonlyMap<Instruction, Judgement> {
  const { lineage, platform, platforms } = moving;
  const chain = chainOf(stage, lineage);
  return judgeAll(instructionsOf(chain), {
    platform,
    platforms,
    image: imageOf(chain),
    isSplit: false,
    isCarriedOut: (path) => isCarriedOut(stage, path, lineage),
    isUsedOnBuilder: (path) => isUsedBeside(stage, path, lineage),
  });
}

/** What it copies from another stage may be programs that it runs: they have to move with it. */
function sourceObstacle(
  stage: ResolvedStage,
  moving: Trying,
  waiting: ReadonlySet<number>,
): Obstacle | undefined {
  const { lineage, platform } = moving;
  const own = chainOf(stage, lineage);
  for (const path of imagePaths(own)) {
    if (isCarriedOut(stage, path, lineage)) {
      return { why: "It takes programs of another image, for the target, and hands them on." };
    }
  }
  for (const { base } of own.flatMap(({ sources }) => sources)) {
    if (base.kind === "unresolved") return { why: "Nobody can say here what it copies from." };
    if (base.kind !== "stage" || waiting.has(base.index)) continue;
    const source = lineage.stages.find(({ index }) => index === base.index);
    if (source === undefined) continue;
    const isElsewhere = isUnresolved(source.platform) || !samePlatform(source.platform, platform);
    const chain = chainOf(source, lineage);
    const runs = instructionsOf(chain).some(({ keyword }) => keyword === "RUN");
    if (isElsewhere || !runs) continue;
    const moved = chain.some((top) => !("why" in moveTree(top, moving, waiting)));
    if (!moved) {
      return {
        why: `It takes files of the stage ${source.stage.name ?? source.index}, which cannot move with it.`,
      };
    }
  }
  return undefined;
}

function write(top: ResolvedStage, moved: readonly Moved[], moving: Moving): Move {
  const { dockerfile, lineage, platforms } = moving;
  const names: StageNames = { taken: takenNames(dockerfile), images: new Map() };
  const lines: string[] = [];
  for (const { stage, judgements } of moved) {
    const chain = chainOf(stage, lineage);
    const isTop = stage.index === top.index;
    const inherited = isTop ? [] : chain.slice(0, -1);
    const writing = {
      dockerfile,
      platforms,
      names,
      distribution: distributionOf(imageOf(chain), programsOf(judgements.values())),
    };
    const equipment = newEquipment();
    // Written to know what the stage has of the one that it is built upon.
    stageLines(instructionsOf(inherited), judgements, equipment, writing);
    const own = isTop ? instructionsOf(chain) : stage.stage.instructions;
    const written = stageLines(own, judgements, equipment, writing);
    const unchanged = own.flatMap((one) => writeInstruction(one, dockerfile.escape));
    const isChanged = written.join("\n") !== unchanged.join("\n");
    if (!isTop && !isChanged) continue;
    const image = chain[0]?.stage.image.text ?? "";
    const name = writtenName(stage);
    const from = isTop
      ? buildFrom(image, name)
      : `FROM ${stage.stage.image.text}${name === undefined ? "" : ` AS ${name}`}`;
    lines.push(...(lines.length === 0 ? [] : [""]), from, ...written);
  }
  const all = [...prefaceLines(names), ...lines];
  if (names.images.size > 0 && isCounted(dockerfile, top.index)) return { obstacle: counted };
  if (!isSound(all, dockerfile)) {
    return { obstacle: { why: "The stage is written in a way that is better changed by hand." } };
  }
  const own = moved.flatMap(({ judgements }) => [...judgements.values()]);
  const isFetching = own.every(
    ({ kind, isCross }) => !isCross && (kind === "install" || kind === "plain"),
  );
  const caveats = [...own.flatMap((one) => one.caveats), pinned(top, lineage)];
  return {
    advice: { way: wayOf(own), why: isFetching ? same : whyOf(own), lines: all, ...noted(caveats) },
  };
}

/** Of a stage that only installs. */
const same =
  "Nothing that the image takes of it is a program, so that it is the same on every machine.";

/** As the file writes it, capitals included. */
function writtenName({ stage }: ResolvedStage): string | undefined {
  return stage.name === undefined ? undefined : stage.from.arguments[2]?.text;
}

export function pinned(stage: ResolvedStage, lineage: Lineage): string | undefined {
  const base = chainOf(stage, lineage)[0]?.base;
  return base?.kind === "image" && base.isPinned
    ? "The image is named by its digest, which has to be that of all its platforms."
    : undefined;
}

/** COPY --from=0 counts stages: one more before that one changes what it means. */
export function isCounted({ instructions }: Dockerfile, from: number): boolean {
  return instructions.some(({ flags }) =>
    flags.some(
      ({ name, value = "" }) => name === "from" && /^\d+$/.test(value) && Number(value) >= from,
    ),
  );
}

export const counted: Obstacle = {
  why: "It can move once the stages have names: others copy by number (--from=0), and one more stage would shift them.",
};
