/** The compilers whose programs the image gets, and that surely make them for another machine than the image's. */
import type { Platform } from "../../platform/platform.ts";
import { isForImage } from "../carried.ts";
import { oncePerView } from "../once.ts";
import type { Program } from "../program.ts";
import { programsOf } from "../step.ts";
import type { StageView, TargetView } from "../view.ts";
import { mayBeConfigured } from "./cargo.ts";
import { type Compile, compilesAmong } from "./compile.ts";

export interface ForeignCompile {
  readonly compile: Compile;
  /** The image's. */
  readonly platform: Platform;
}

/** The compilers of each stage, and whether what their command lines and variables tell them is all that they are told. */
const compiling = oncePerView((view) =>
  view.stages.map((stage) => {
    const programs = programsOf(stage);
    const compiles = compilesAmong(programs);
    return { stage, compiles, isTold: compiles.length > 0 && !isConfigured(stage, programs) };
  }),
);

export const compilesFor = oncePerView((view): readonly ForeignCompile[] => {
  const platform = imagePlatform(view);
  if (platform === undefined) return [];
  const own = compiling(view);
  const all = own.flatMap(({ compiles }) => compiles);
  return own.flatMap(({ compiles, isTold }) => {
    if (!isTold) return [];
    return compiles
      .filter(
        (compile) =>
          isForeign(compile, { image: platform, all, view }) && !isToldElsewhere(compile, view),
      )
      .filter(({ program, outputs }) => isForImage(program, outputs, view))
      .map((compile) => ({ compile, platform }));
  });
});

/** Those that the image gets the programs of, and that surely compile for it on a machine of another architecture. */
export const crossCompiles = oncePerView((view): readonly Compile[] =>
  compiling(view)
    .filter(({ stage, isTold }) => stage.isBuilders && isTold)
    .flatMap(({ compiles }) =>
      compiles.filter(
        ({ architecture, program, outputs }) =>
          architecture === view.target.architecture &&
          program.isCertain &&
          isForImage(program, outputs, view),
      ),
    ),
);

/** Of what its own base is; where another platform was written for that, R3 says so. */
function imagePlatform({ stages, target }: TargetView): Platform | undefined {
  const first = stages.find(({ isImage }) => isImage);
  return first === undefined ? target : first.platform;
}

/** Whether it compiles for another machine, and the same tool nowhere does so for the right one as well: files for every machine are made so. */
function isForeign(
  compile: Compile,
  {
    image,
    all,
    view: { target },
  }: { readonly image: Platform; readonly all: readonly Compile[]; readonly view: TargetView },
): boolean {
  const { architecture, program, tool } = compile;
  if (architecture === undefined || !program.isCertain) return false;
  // What is told the target is right, whatever its base is.
  if (architecture === target.architecture) return false;
  if (machineFor(compile) === undefined || machineFor(compile) === image.architecture) return false;
  return !all.some((other) => {
    const machine = machineFor(other);
    return other.tool === tool && (machine === undefined || machine === image.architecture);
  });
}

/** Whether it seems to be told nothing, and a file of the context tells it, of which nobody knows where it comes to lie. */
function isToldElsewhere({ tool, architecture }: Compile, view: TargetView): boolean {
  return tool === "Rust" && architecture === "native" && mayBeConfigured(view);
}

/** The architecture that it compiles for. */
function machineFor({ architecture, program }: Compile): string | undefined {
  return architecture === "native" ? program.step.stage.platform?.architecture : architecture;
}

/** Whether files that the compilers read were written in the stage, or a wrapper put in their place. */
function isConfigured({ steps }: StageView, programs: readonly Program[]): boolean {
  const wraps = programs.some(
    ({ name, args }) =>
      name.startsWith("xx-") && args.some(({ text }) => /^--(?:wrap|setup)/.test(text)),
  );
  const sets = programs.some(
    ({ name, args }) => name === "go" && args[0]?.text === "env" && args[1]?.text === "-w",
  );
  return wraps || sets || steps.some(({ instruction }) => /\.cargo\/config/.test(instruction.text));
}
