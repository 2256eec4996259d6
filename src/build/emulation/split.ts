/** A stage that the image consists of: what can be done on the machine that builds is taken out into a stage of its own. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { ResolvedStage } from "../../dockerfile/stages.ts";
import { type Judgement, programsOf } from "./judgement.ts";
import { judgeAll } from "./judgements.ts";
import { distributionOf } from "./distribution.ts";
import { chainOf, imageOf } from "../../dockerfile/lineage.ts";
import { halves } from "./halves.ts";
import { counted, isCounted, type Moving, pinned } from "./move.ts";
import { baseObstacle, imagePaths, instructionsOf } from "./obstacle.ts";
import { type Advice, isSound, keep, nativeNode, noted, type Plan, wayOf, whyOf } from "./plan.ts";
import { bringsCompiler, installedBy } from "./families/packages.ts";
import {
  buildFrom,
  freeName,
  newEquipment,
  prefaceLines,
  stageLines,
  type StageNames,
  takenNames,
} from "./stage-lines.ts";
import { isSystemDirectory, type Output } from "./treatment.ts";
import { writeInstruction } from "./writing.ts";

/** The advice for each RUN of the stage itself. */
export function splitStage(stage: ResolvedStage, moving: Moving): Plan {
  const chain = chainOf(stage, moving.lineage);
  const pieces = new Map(instructionsOf(chain).map((one) => [one, halves(one)]));
  const all = [...pieces.values()].flat();
  const judgements = judgeAll(all, surroundingsOf(chain, moving));
  const own = stage.stage.instructions.flatMap((one) => pieces.get(one) ?? [one]);
  const movable = movableOf(all, own, judgements, chain);
  const advice =
    movable.length === 0 ? undefined : write(stage, { all, own, movable, judgements }, moving);
  const blocking = [...judgements.values()].find(({ kind }) => kind === "foreign");
  const plan = new Map<Instruction, Advice>();
  for (const instruction of stage.stage.instructions) {
    const parts = (pieces.get(instruction) ?? []).flatMap((one) => judgements.get(one) ?? []);
    const [first] = parts;
    if (first === undefined) continue;
    const isMoved = advice !== undefined && parts.some((one) => movable.includes(one));
    const isCut = advice === undefined && parts.some((one) => movable.includes(one));
    const other = isCut ? nativeNode(counted.why) : adviceFor(parts, first, blocking);
    plan.set(instruction, isMoved ? advice : other);
  }
  return plan;
}

function surroundingsOf(chain: readonly ResolvedStage[], { platform, platforms }: Moving) {
  return {
    platform,
    platforms,
    image: imageOf(chain),
    isSplit: true,
    isCarriedOut: () => true,
    isUsedOnBuilder: () => false,
  };
}

/** Those whose result is known, as long as nothing before them has to run for the target. */
function movableOf(
  all: readonly Instruction[],
  own: readonly Instruction[],
  judgements: ReadonlyMap<Instruction, Judgement>,
  chain: readonly ResolvedStage[],
): readonly Judgement[] {
  if (baseObstacle(chain) !== undefined) return [];
  const images = imagePaths(chain);
  const found: Judgement[] = [];
  for (const instruction of all) {
    const judgement = judgements.get(instruction);
    if (judgement === undefined) continue;
    if (judgement.kind === "foreign") break;
    const isWorth = judgement.kind === "neutral" || judgement.kind === "cross";
    if (
      isWorth &&
      own.includes(instruction) &&
      judgement.outputs?.every((output) => canCopy(output, images)) === true
    ) {
      found.push(judgement);
    }
  }
  // Without a single result to copy there is nothing that a stage of its own would be for.
  return found.some(({ outputs = [] }) => outputs.length > 0) ? found : [];
}

/** Nothing of the builder's own may come along: neither of its directories, nor what was copied there of an image. */
function canCopy({ path, to, isDirectory }: Output, images: readonly string[]): boolean {
  if (!/^\/[\w./@+-]+$/.test(path)) return false;
  if (to === undefined && isSystemDirectory(path)) return false;
  return !images.some((image) => image === path || (isDirectory && image.startsWith(`${path}/`)));
}

function adviceFor(
  parts: readonly Judgement[],
  first: Judgement,
  blocking: Judgement | undefined,
): Advice {
  const foreign = parts.find(({ kind }) => kind === "foreign");
  if (foreign !== undefined) return nativeNode(foreign.why, foreign.caveats);
  const isMixed = parts.some(({ kind, isCross }) => kind === "install" && isCross);
  if (isMixed) {
    return nativeNode(
      "It installs packages and compiles in one RUN, and only the packages have to be installed for the target.",
      ["Split it: a RUN that compiles alone can be moved to a stage on $BUILDPLATFORM."],
    );
  }
  const install = parts.find(({ kind }) => kind === "install");
  if (install !== undefined) return keep(install.why);
  if (first.kind === "plain") return keep(first.why);
  const hasResult = parts.every(({ outputs }) => outputs !== undefined);
  const line = blocking?.instruction.range.line;
  return nativeNode(
    hasResult && line !== undefined && line < first.instruction.range.line
      ? `It comes after line ${line}, which has to run for the target, so that it cannot be taken out.`
      : "It could run on the machine that builds, but nobody can say here which files of it the image needs.",
    parts.flatMap(({ caveats }) => caveats),
  );
}

interface Parts {
  readonly all: readonly Instruction[];
  readonly own: readonly Instruction[];
  readonly movable: readonly Judgement[];
  readonly judgements: ReadonlyMap<Instruction, Judgement>;
}

function write(stage: ResolvedStage, parts: Parts, moving: Moving): Advice | undefined {
  const { dockerfile, lineage, platforms } = moving;
  const { all, own, movable, judgements } = parts;
  const chain = chainOf(stage, lineage);
  const names: StageNames = { taken: takenNames(dockerfile), images: new Map() };
  const name = freeName(
    movable.find(({ isCross }) => isCross)?.stage ?? movable[0]?.stage ?? "build",
    names.taken,
  );
  if (isCounted(dockerfile, stage.index)) return undefined;
  const last = movable.at(-1)?.instruction;
  const before = all.slice(0, all.findIndex((one) => one === last) + 1);
  const writing = {
    dockerfile,
    platforms,
    names,
    distribution: distributionOf(imageOf(chain), programsOf(judgements.values())),
  };
  const written = stageLines(before, judgements, newEquipment(), writing);
  const lines = [
    ...prefaceLines(names),
    buildFrom(chain[0]?.stage.image.text ?? "", name),
    ...written,
    "",
    ...writeInstruction(stage.stage.from, dockerfile.escape),
    ...own.flatMap((one) => restOf(one, movable, name, dockerfile.escape)),
  ];
  if (!isSound(lines, dockerfile)) return undefined;
  const caveats = [
    ...movable.flatMap((one) => one.caveats),
    ...(hasTools(own, judgements)
      ? ["Packages that only served these steps can be left out of the image."]
      : []),
    pinned(stage, lineage),
  ];
  return { way: wayOf(movable), why: whyOf(movable), lines, ...noted(caveats) };
}

/** Whether the image still installs what compiles or fetches. */
function hasTools(
  own: readonly Instruction[],
  judgements: ReadonlyMap<Instruction, Judgement>,
): boolean {
  const programs = programsOf(own.flatMap((one) => judgements.get(one) ?? []));
  return (
    bringsCompiler(programs) ||
    programs.flatMap(installedBy).some((name) => /^(?:curl|wget|git|unzip|cmake|make)$/.test(name))
  );
}

/** In the place of a step that is taken out, its result is copied. */
function restOf(
  instruction: Instruction,
  movable: readonly Judgement[],
  name: string,
  escape: Moving["dockerfile"]["escape"],
): readonly string[] {
  const judgement = movable.find((one) => one.instruction === instruction);
  if (judgement === undefined) return writeInstruction(instruction, escape);
  const later = movable
    .slice(movable.indexOf(judgement) + 1)
    .flatMap(({ outputs = [] }) => outputs);
  const owner =
    judgement.user === undefined || /[\s"']/.test(judgement.user)
      ? ""
      : `--chown=${judgement.user} `;
  return outermost(judgement.outputs ?? [])
    .filter((output) => !later.some((other) => isWithin(output, other)))
    .map(
      ({ path, isDirectory, to = path }) =>
        `COPY --from=${name} ${owner}${ended(path, isDirectory)} ${ended(to, isDirectory)}`,
    );
}

function outermost(outputs: readonly Output[]): readonly Output[] {
  return outputs.filter(
    (one, at) =>
      !outputs.some(
        (other, order) =>
          order !== at && isWithin(one, other) && !(isWithin(other, one) && order > at),
      ),
  );
}

function isWithin(one: Output, other: Output): boolean {
  if (one.to !== undefined || other.to !== undefined)
    return one.path === other.path && one.to === other.to;
  return one.path === other.path || (other.isDirectory && one.path.startsWith(`${other.path}/`));
}

function ended(path: string, isDirectory: boolean): string {
  return isDirectory ? `${path}/` : path;
}
