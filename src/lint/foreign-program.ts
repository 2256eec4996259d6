/** Programs of another platform that come into a stage, by COPY --from or by a mount, and which of its commands are they. */
import path from "node:path";
import { mountsOf } from "../dockerfile/mount.ts";
import type { Range } from "../dockerfile/range.ts";
import type { Source } from "../dockerfile/source.ts";
import { samePlatform } from "../platform/platform.ts";
import { architecturesIn } from "./architecture.ts";
import { isWithin, pathFrom, textAt } from "./path.ts";
import type { Program } from "./program.ts";
import { searchedFor, usualDirectories, writtenPath } from "./lookup.ts";
import { isScript, scriptsIn } from "./script-image.ts";
import { type Step, stepsOf } from "./step.ts";
import type { StageView, TargetView } from "./view.ts";

/** Something of the target's platform that lies in a stage of another one. */
export interface Arrival {
  /** The flag that it came by. */
  readonly range: Range;
  /** The image that it is of. */
  readonly image: string;
  /** Its path at the registry. */
  readonly repository: string;
  /** Whether the image is named by its digest, which may be one platform's. */
  readonly isPinned: boolean;
  /** The earlier stage that is that image and nothing more. */
  readonly alias?: string;
  /** The path in the image. */
  readonly from: string;
  /** Where the file is, if it is one: the last name of the target may be a directory's. */
  readonly files: readonly string[];
  /** Where its contents are, if it is a directory that nothing else fills. */
  readonly directory?: string;
}

export interface Running {
  readonly arrival: Arrival;
  readonly program: Program;
}

/** The commands of the stage that are such programs, in their order. */
export function foreignProgramsIn(
  stage: StageView,
  programs: readonly Program[],
  view: TargetView,
): readonly Running[] {
  const running: Running[] = [];
  const byInstruction = Map.groupBy(programs, ({ step }) => step.instruction);
  const places = placesIn(stage, view);
  let arrivals: readonly Arrival[] = [];
  for (const place of places) {
    const own = byInstruction.get(place.step.instruction) ?? [];
    const present = own.length === 0 ? [] : [...arrivals, ...mountedBy(place)];
    for (const program of own) {
      const arrival = present.findLast((one) => isOf(one, program, place.step.directory));
      if (arrival !== undefined) running.push({ arrival, program });
    }
    arrivals = afterCopy(arrivals, place, places);
  }
  return running;
}

interface Place {
  readonly step: Step;
  readonly view: TargetView;
  /** Where it puts files, or says that the stage works: of COPY, ADD and WORKDIR. */
  readonly target: string | undefined;
}

function placesIn(stage: StageView, view: TargetView): readonly Place[] {
  return stepsOf(stage, view).map((step) => {
    const { keyword, arguments: words } = step.instruction;
    const to = writing.has(keyword)
      ? textAt(words.at(-1)?.text ?? "", step, view.dockerfile.escape)
      : undefined;
    return { step, view, target: to === undefined ? undefined : pathFrom(step.directory, to) };
  });
}

const writing: ReadonlySet<string> = new Set(["COPY", "ADD", "WORKDIR"]);

/** What is there behind a COPY or ADD: what it writes over is gone. */
function afterCopy(
  arrivals: readonly Arrival[],
  place: Place,
  places: readonly Place[],
): readonly Arrival[] {
  const { step, view, target } = place;
  const { keyword, arguments: words, flags } = step.instruction;
  if (keyword === "WORKDIR" || target === undefined) return arrivals;
  const isDirectory = words.length > 2 || /(?:^|\/)\.{0,2}$/.test(words.at(-1)?.text ?? "");
  const foreign = foreignSource(place, flags.find(({ name }) => name === "from")?.range);
  const isAlone = foreign !== undefined && isFilledBy(place, target, places);
  const sources = words.slice(0, -1).map(({ text }) => textAt(text, step, view.dockerfile.escape));
  let after = arrivals;
  for (const source of sources) {
    if (source === undefined || /[*?[]/.test(source)) continue;
    const from = `/${source}`.replaceAll(/\/+/g, "/");
    const file = path.posix.join(target, path.posix.basename(from));
    const files = isDirectory ? [file] : [target, file];
    after = after.filter((one) => !one.files.some((known) => files.includes(known)));
    if (foreign === undefined || isScript(from)) continue;
    after = [...after, { ...foreign, from, files, ...(isAlone ? { directory: target } : {}) }];
  }
  return after;
}

/** Whether the directory has its files from that instruction alone, as far as the file says. */
function isFilledBy({ step }: Place, directory: string, places: readonly Place[]): boolean {
  if (usualDirectories.has(directory) || directory === "/") return false;
  return !places.some(
    (other) =>
      other.step !== step && other.target !== undefined && isWithin(other.target, directory),
  );
}

function mountedBy(place: Place): readonly Arrival[] {
  const { step, view } = place;
  const { instruction, directory } = step;
  if (instruction.keyword !== "RUN") return [];
  return mountsOf(instruction).flatMap(({ type, from: image, options, range }) => {
    const foreign =
      image === undefined || type !== "bind" ? undefined : foreignSource(place, range);
    const [from, to] = ["source", "target"].map((name) =>
      textAt(options.get(name) ?? "", step, view.dockerfile.escape),
    );
    const target = to === undefined ? undefined : pathFrom(directory, to);
    if (foreign === undefined || from === undefined || target === undefined || isScript(from))
      return [];
    return [
      { ...foreign, from: `/${from}`.replaceAll(/\/+/g, "/"), files: [target], directory: target },
    ];
  });
}

/** What the flag names, if it is of the target's platform and the stage is not. */
function foreignSource({ step, view }: Place, flag: Range | undefined) {
  const source = step.stage.resolved.sources.find(
    ({ instruction, range }) => instruction === step.instruction && range === flag,
  );
  const image = source && imageBehind(source, view);
  if (image === undefined || flag === undefined) return undefined;
  const { name, reference, isPinned } = image;
  if (architecturesIn(name).length > 0 || scriptsIn(reference) !== undefined) return undefined;
  return {
    range: flag,
    image: name,
    repository: reference.repository,
    isPinned,
    ...(image.alias === undefined ? {} : { alias: image.alias }),
  };
}

/** The image itself, or that of a stage which only gives it a name. */
function imageBehind({ base }: Source, { stages, target }: TargetView) {
  if (base.kind === "image") return { ...base, alias: undefined };
  if (base.kind !== "stage") return undefined;
  const stage = stages.find(({ resolved }) => resolved.index === base.index);
  const own = stage?.resolved.base;
  if (stage?.platform === undefined || own?.kind !== "image") return undefined;
  const isAlias = stage.instructions.every(({ instruction: { keyword } }) => !filling.has(keyword));
  if (!isAlias || !samePlatform(stage.platform, target)) return undefined;
  // A fixed platform is the target's by chance: it is meant for some machine that builds.
  const written = stage.resolved.stage.platform?.value;
  if (written !== undefined && !/\$\{?TARGET/.test(written)) return undefined;
  return { ...own, alias: stage.resolved.stage.name ?? String(base.index) };
}

const filling: ReadonlySet<string> = new Set(["RUN", "COPY", "ADD"]);

/** Whether the command is that file, or a program of that directory. */
function isOf(
  { files, directory, from, repository }: Arrival,
  program: Program,
  start: string | undefined,
): boolean {
  const { name } = program;
  const written = writtenPath(program, start);
  const searched = searchedFor(program);
  const isFile = files.some(
    (file) =>
      file === written ||
      (path.posix.basename(file) === name && searched.has(path.posix.dirname(file))),
  );
  if (isFile) return true;
  if (directory === undefined || isScript(name)) return false;
  // Nobody knows what is in a directory but for what is named after it, and what a path has behind bin.
  const isNamed = [...from.split("/"), ...repository.split("/")].includes(name);
  if (written !== undefined) {
    const rest = isWithin(written, directory) ? written.slice(directory.length) : "";
    return rest !== "" && (isNamed || /\/s?bin\/[^/]+$/.test(rest));
  }
  const own = [...searched].filter((one) => !usualDirectories.has(one));
  return isNamed && own.some((one) => isWithin(one, directory));
}
