/** Whether the image gets what a command makes: by its place, by copies within the stage, and by COPY --from. */
import { pathOf } from "../dockerfile/directory.ts";
import { isSurelyCarriedOut, treeOf } from "../dockerfile/lineage.ts";
import { isWithin, pathFrom } from "./path.ts";
import { operandsOf, optionOf, type Program } from "./program.ts";
import { programsOf } from "./step.ts";
import type { StageView, TargetView } from "./view.ts";

/** Whether the image gets something of these places, words of the program's command line. */
export function isForImage(
  program: Program,
  outputs: readonly string[],
  view: TargetView,
): boolean {
  const { stage } = program.step;
  if (stage.isImage) return true;
  const paths = outputs.flatMap((output) => pathFrom(program.directory, output) ?? []);
  const all = withCopies(paths, stage, view);
  return all.some((path) => isSurelyCarriedOut(stage.resolved, path, view.lineage));
}

const copiers: ReadonlySet<string> = new Set([
  "cp",
  "mv",
  "install",
  "ln",
  "tar",
  "unzip",
  "upx",
  "strip",
]);

/** The paths, and where commands of the stage, or of those upon it, copy from them to. */
function withCopies(
  paths: readonly string[],
  stage: StageView,
  view: TargetView,
): readonly string[] {
  const upon = new Set(treeOf(stage.resolved, view.lineage).map(({ index }) => index));
  const found = new Set(paths);
  for (const one of view.stages.filter(({ resolved }) => upon.has(resolved.index))) {
    for (const program of programsOf(one)) {
      if (!copiers.has(program.name)) continue;
      const { directory } = program;
      const { from, to } = copyOf(program);
      const destination = to === undefined ? undefined : pathFrom(directory, to);
      const sources = from.flatMap(
        (word) => pathOf(word.replace(/[*?[].*$/, "") || ".", { directory }) ?? [],
      );
      const isFrom = sources.some((source) =>
        [...found].some((path) => isWithin(source, path) || isWithin(path, source)),
      );
      if (destination !== undefined && isFrom) found.add(destination);
    }
  }
  return [...found];
}

function copyOf(program: Program): {
  readonly from: readonly string[];
  readonly to: string | undefined;
} {
  const operands = operandsOf(program).map(({ text }) => text);
  if (program.name === "tar") {
    const archive = program.args.find(({ text }) =>
      /\.(?:tar|tgz|txz|tbz2?|gz|xz|zst)/.test(text),
    )?.text;
    return {
      from: archive === undefined ? [] : [archive],
      to: optionOf(program, "-C", "--directory")?.text ?? ".",
    };
  }
  if (program.name === "unzip") {
    return { from: operands.slice(0, 1), to: optionOf(program, "-d")?.text ?? "." };
  }
  if (program.name === "upx" || program.name === "strip") {
    return { from: operands, to: optionOf(program, "-o")?.text };
  }
  const to = optionOf(program, "-t", "--target-directory")?.text;
  return to === undefined
    ? { from: operands.slice(0, -1), to: operands.at(-1) }
    : { from: operands, to };
}
