/** What a COPY or ADD brings of the machine that it is built on: programs that are there now, or that will be once somebody has installed them. */
import path from "node:path";
import type { Artefact, ArtefactKind, Proof } from "../../build-context/artefact.ts";
import { isIgnored } from "../../dockerfile/ignore.ts";
import { samePlatform } from "../../platform/platform.ts";
import type { LintContext } from "../context.ts";
import type { StageView, TargetView } from "../view.ts";
import { type Copy, copiesOf, landing, origin } from "./copy.ts";
import { isWithin } from "../path.ts";
import { type Step, stepsBehind, stepsOf } from "../step.ts";
import { type Install, installsOf, isOpaque, mayMend } from "./tool.ts";
import { type Use, useOf } from "./use.ts";

export interface Brought {
  readonly copy: Copy;
  /** Without its proof where none is known. */
  readonly artefact: Artefact;
  /** What was there before, installed for the platform. */
  readonly over: Install | undefined;
  /** Where the directory comes to lie in the stage. */
  readonly place: string | undefined;
  readonly use: Use;
  /** Whether a program that is started behind it may put it right out of sight. */
  readonly mayBeMended: boolean;
}

/** Each directory that a COPY or ADD brings, and that nothing behind it fills anew. */
export function broughtIn(view: TargetView, context: LintContext): readonly Brought[] {
  return view.stages.flatMap((stage) => {
    const steps = stepsOf(stage, view);
    return steps.flatMap((step, at) => {
      if (step.stage !== stage) return [];
      return copiesOf(step).flatMap((copy) => {
        const before = steps.slice(0, at);
        const installs = before.flatMap((one) => installsOf(one));
        const found = [...proven(copy, context), ...expected(copy, installs, context)];
        return found.flatMap((artefact) => broughtBy(copy, artefact, { before, installs, view }));
      });
    });
  });
}

interface Surroundings {
  readonly before: readonly Step[];
  readonly installs: readonly Install[];
  readonly view: TargetView;
}

function broughtBy(
  copy: Copy,
  artefact: Artefact,
  { before, installs, view }: Surroundings,
): readonly Brought[] {
  const { step } = copy;
  const behind = stepsBehind(step, view);
  if (behind.some((one) => mayMend(one, artefact.kind))) return [];
  const place = landing(copy, artefact.path);
  const over = installs.findLast((one) => place !== undefined && one.place === place);
  const use = useOf(artefact.kind, place, { step, steps: [...before, ...behind], view });
  return [{ copy, artefact, over, place, use, mayBeMended: behind.some(isOpaque) }];
}

/** What is in the context now, with a program in it that is wrong. */
function proven(copy: Copy, { artefacts }: LintContext): readonly Artefact[] {
  return artefacts.filter(
    ({ proof }) =>
      proof !== undefined &&
      isWithin(proof.path, copy.from) &&
      !copy.isExcluded(proof.path) &&
      isWrong(proof, copy.step.stage),
  );
}

/** The machine that builds is perhaps the one that the program is for; none that builds images runs those of macOS or Windows. */
function isWrong({ unfit, format }: Proof, { platform, isBuilders }: StageView): boolean {
  if (platform === undefined) return false;
  return isBuilders ? format !== "elf" : unfit.some((one) => samePlatform(one, platform));
}

/** What an earlier step installed, and machines that the project is worked on install at the place that is copied over it. */
function expected(
  copy: Copy,
  installs: readonly Install[],
  context: LintContext,
): readonly Artefact[] {
  return installs.flatMap(({ kind, place, signs }) => {
    const own = origin(copy, place);
    if (own === undefined || own === copy.from || own === "") return [];
    if (isIgnored(own, context.ignoreFile.patterns) || copy.isExcluded(own)) return [];
    const there = context.artefacts.find((one) => one.path === own);
    if (there?.proof !== undefined) return [];
    const isExpected =
      there !== undefined || isSigned(kind, path.posix.dirname(own), signs, context);
    return isExpected ? [there ?? { kind, path: own, kept: [] }] : [];
  });
}

function isSigned(
  kind: ArtefactKind,
  directory: string,
  signs: readonly string[],
  { files }: LintContext,
): boolean {
  const has = (name: string) => files.has(path.posix.join(directory, name));
  // Yarn then keeps packages as archives, without node_modules.
  if (kind === "node" && (has(".pnp.cjs") || has(".yarnrc.yml"))) return false;
  return signs.some(has);
}
