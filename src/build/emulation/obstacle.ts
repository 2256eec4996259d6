/** What stands in the way of a stage that is to run on the machine that builds. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { ResolvedStage } from "../../dockerfile/stages.ts";
import { type Platform, samePlatform } from "../../platform/platform.ts";
import { namesArchitecture } from "./architecture.ts";
import type { Judgement } from "./judgement.ts";
import { chainOf, handedOn, type Lineage } from "../../dockerfile/lineage.ts";
import { pathOf } from "../../dockerfile/directory.ts";
import { standingsIn } from "./standing.ts";

/** Why a stage cannot be moved. */
export interface Obstacle {
  readonly why: string;
  /** The RUN that stands in the way. */
  readonly instruction?: Instruction;
  readonly caveats?: readonly string[];
}

interface Bounds {
  readonly lineage: Lineage;
  readonly platform: Platform;
  readonly platforms: readonly Platform[];
}

/** Those of all its stages. */
export function instructionsOf(chain: readonly ResolvedStage[]): readonly Instruction[] {
  return chain.flatMap(({ stage }) => stage.instructions);
}

/** What stands in the way in the stage itself, as its steps were judged. */
export function obstacleIn(
  stage: ResolvedStage,
  judgements: ReadonlyMap<Instruction, Judgement>,
  { lineage, platform, platforms }: Bounds,
): Obstacle | undefined {
  const chain = chainOf(stage, lineage);
  const foreign = [...judgements.values()].find(({ kind }) => kind === "foreign");
  if (foreign !== undefined) {
    return { why: foreign.why, instruction: foreign.instruction, caveats: foreign.caveats };
  }
  const isOther = !platforms.some((one) => samePlatform(one, platform));
  if (isOther && [...judgements.values()].some(({ variables }) => variables.length > 0)) {
    return {
      why: "Its platform is none of those that are built for, so nobody can say what it compiles for.",
    };
  }
  return baseObstacle(chain) ?? ownObstacle(stage, [...judgements.values()], lineage);
}

/** What packages or the image brought is the builder's in a stage that is moved, and must not be handed on. */
function ownObstacle(
  stage: ResolvedStage,
  judgements: readonly Judgement[],
  lineage: Lineage,
): Obstacle | undefined {
  const made = judgements.flatMap(({ outputs = [] }) => outputs);
  const foreign = handedOn(stage, lineage).find(
    (path) =>
      /^(?:$|\/(?:usr|bin|sbin|opt|lib\w*)(?!\/(?:src|share)\b)(?:\/|$))/.test(path) &&
      !made.some((one) => path === one.path || path.startsWith(`${one.path}/`)),
  );
  if (foreign === undefined) return undefined;
  return {
    why: `The image takes ${foreign || "/"} of it, where programs of its own packages may be.`,
  };
}

/** What a stage begins with has to be an image that there is for the machine that builds. */
export function baseObstacle(chain: readonly ResolvedStage[]): Obstacle | undefined {
  const [first] = chain;
  const kind = first?.base.kind;
  if (kind !== "image" && kind !== "context") {
    return { why: "It begins with nothing that the machine that builds could run." };
  }
  const image = first?.stage.image.text ?? "";
  if (/TARGET|BUILD(?:PLATFORM|ARCH)/.test(image) || namesArchitecture(image)) {
    return { why: "Its image is that of one architecture, by its name." };
  }
  if (chain.some(({ isReplaced }) => isReplaced))
    return { why: "A build context takes its place." };
  if (instructionsOf(chain).some(({ trigger }) => trigger !== undefined)) {
    return { why: "It leaves instructions to the stages that are built upon it (ONBUILD)." };
  }
  return undefined;
}

/** Where a stage puts what it copies from images; those are pulled for the target. */
export function imagePaths(chain: readonly ResolvedStage[]): readonly string[] {
  const standings = standingsIn(chain);
  return chain
    .flatMap(({ sources }) => sources)
    .filter(({ base, instruction }) => base.kind !== "stage" && instruction.keyword === "COPY")
    .map(({ instruction }) => {
      const { directory, textOf } = standings.get(instruction) ?? {};
      const words = instruction.arguments.map(({ text }) => text);
      const to = textOf?.(words.at(-1) ?? "");
      const name = words.at(-2)?.split("/").at(-1) ?? "";
      return pathOf(to?.endsWith("/") === true ? `${to}${name}` : to, { directory }) ?? "/";
    });
}
