/** Programs of another platform that come into a stage, by COPY --from or by a mount, and which of its commands are they. */
import path from "node:path";
import { mountsOf } from "../dockerfile/mount.ts";
import type { Range } from "../dockerfile/range.ts";
import type { Source } from "../dockerfile/source.ts";
import { architecturesIn } from "./architecture.ts";
import { isWithin, pathFrom } from "./path.ts";
import type { Program } from "./program.ts";
import { searchedFor, usualDirectories, writtenPath } from "./lookup.ts";
import { isScript, scriptsIn } from "./script-image.ts";
import { type Step, stepsOf } from "./step.ts";
import { isTargets, type StageView, type TargetView } from "./view.ts";

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

/** What lies there: files by their paths, and directories. */
interface Present {
  readonly files: ReadonlyMap<string, Arrival>;
  readonly directories: readonly Arrival[];
}

/** The commands of the stage that are such programs, in their order. */
export function foreignProgramsIn(stage: StageView, view: TargetView): readonly Running[] {
  const running: Running[] = [];
  const places = placesIn(stage, view);
  const writes = writesInto(places);
  const files = new Map<string, Arrival>();
  const directories: Arrival[] = [];
  for (const place of places) {
    const own = place.step.stage === stage ? place.step.programs : [];
    const mounted = own.length === 0 ? [] : mountedBy(place);
    const present = { files, directories };
    for (const program of own) {
      const arrival = arrivalOf(program, presentAt(mounted)) ?? arrivalOf(program, present);
      if (arrival !== undefined) running.push({ arrival, program });
    }
    for (const { arrival, paths } of copiedBy(place, writes)) {
      // What is written over is gone.
      for (const one of paths) files.delete(one);
      if (arrival === undefined) continue;
      for (const one of arrival.files) files.set(one, arrival);
      if (arrival.directory !== undefined) directories.push(arrival);
    }
  }
  return running;
}

function presentAt(arrivals: readonly Arrival[]): Present {
  const files = new Map(arrivals.flatMap((one) => one.files.map((file) => [file, one] as const)));
  return { files, directories: arrivals.filter(({ directory }) => directory !== undefined) };
}

interface Place {
  readonly step: Step;
  readonly view: TargetView;
  /** What the flags of all of them name. */
  readonly sources: ReadonlyMap<Range, Source>;
  /** Where it puts files, or says that the stage works: of COPY, ADD and WORKDIR. */
  readonly target: string | undefined;
}

function placesIn(stage: StageView, view: TargetView): readonly Place[] {
  const steps = stepsOf(stage, view);
  const owners = new Set(steps.map((step) => step.stage.resolved));
  const all = [...owners].flatMap(({ sources }) => sources);
  const sources = new Map(all.map((source) => [source.range, source]));
  return steps.map((step) => {
    const { keyword, arguments: words } = step.instruction;
    const to = writing.has(keyword) ? step.textOf(words.at(-1)?.text ?? "") : undefined;
    return {
      step,
      view,
      sources,
      target: to === undefined ? undefined : pathFrom(step.directory, to),
    };
  });
}

const writing: ReadonlySet<string> = new Set(["COPY", "ADD", "WORKDIR"]);

interface Copied {
  /** Where it may have been written to. */
  readonly paths: readonly string[];
  readonly arrival?: Arrival;
}

/** What a COPY or ADD writes. */
function copiedBy(place: Place, writes: ReadonlyMap<string, number>): readonly Copied[] {
  const { step, target } = place;
  const { keyword, arguments: words, flags } = step.instruction;
  if (keyword === "WORKDIR" || target === undefined) return [];
  const isDirectory = words.length > 2 || /(?:^|\/)\.{0,2}$/.test(words.at(-1)?.text ?? "");
  const foreign = foreignSource(place, flags.find(({ name }) => name === "from")?.range);
  // Where nothing else is written, as far as the file says, all of it is the image's.
  const isAlone = !usualDirectories.has(target) && writes.get(target) === 1;
  return words.slice(0, -1).flatMap((word): readonly Copied[] => {
    const source = step.textOf(word.text);
    const from = source === undefined ? undefined : pathFrom("/", source);
    if (from === undefined) return [];
    const file = path.posix.join(target, path.posix.basename(from));
    const files = isDirectory ? [file] : [target, file];
    if (foreign === undefined || isScript(from)) return [{ paths: files }];
    const directory = isAlone ? { directory: target } : {};
    return [{ paths: files, arrival: { ...foreign, from, files, ...directory } }];
  });
}

/** Into how many of the places each directory, or something in it, is written. */
function writesInto(places: readonly Place[]): ReadonlyMap<string, number> {
  const writes = new Map<string, number>();
  for (const { target = "/" } of places) {
    for (let at = target; at !== "/"; at = path.posix.dirname(at)) {
      writes.set(at, (writes.get(at) ?? 0) + 1);
    }
  }
  return writes;
}

function mountedBy(place: Place): readonly Arrival[] {
  const { instruction, directory, textOf } = place.step;
  if (instruction.keyword !== "RUN") return [];
  return mountsOf(instruction).flatMap(({ type, from: image, options, range }) => {
    if (image === undefined || type !== "bind") return [];
    const foreign = foreignSource(place, range);
    const [source, to] = ["source", "target"].map((name) => textOf(options.get(name) ?? ""));
    const from = source === undefined ? undefined : pathFrom("/", source || "/");
    const target = to === undefined ? undefined : pathFrom(directory, to);
    if (foreign === undefined || from === undefined || target === undefined || isScript(from))
      return [];
    return [{ ...foreign, from, files: [target], directory: target }];
  });
}

/** What the flag names, if it is of the target's platform and the stage is not. */
function foreignSource({ sources, view }: Place, flag: Range | undefined) {
  const source = flag && sources.get(flag);
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
function imageBehind({ base }: Source, view: TargetView) {
  if (base.kind === "image") return { ...base, alias: undefined };
  if (base.kind !== "stage") return undefined;
  const stage = view.stages.find(({ resolved }) => resolved.index === base.index);
  const own = stage?.resolved.base;
  if (stage === undefined || own?.kind !== "image") return undefined;
  const isAlias = stage.steps.every(({ instruction: { keyword } }) => !filling.has(keyword));
  if (!isAlias || !isTargets(stage, view)) return undefined;
  return { ...own, alias: stage.resolved.stage.name ?? String(base.index) };
}

const filling: ReadonlySet<string> = new Set(["RUN", "COPY", "ADD"]);

/** What the command is: a file that is there, or a program of a directory. */
function arrivalOf(program: Program, { files, directories }: Present): Arrival | undefined {
  if (files.size === 0 && directories.length === 0) return undefined;
  const written = writtenPath(program);
  const searched = written === undefined ? searchedFor(program) : new Set<string>();
  const found = [written ?? "", ...[...searched].map((one) => `${one}/${program.name}`)].find(
    (file) => files.has(file),
  );
  if (found !== undefined) return files.get(found);
  if (isScript(program.name)) return undefined;
  const own = [...searched].filter((one) => !usualDirectories.has(one));
  return directories.findLast((one) => holds(one, program.name, written, own));
}

/** Nobody knows what is in a directory but for what is named after it, and what a path has behind bin. */
function holds(
  { directory = "/", from, repository }: Arrival,
  name: string,
  written: string | undefined,
  searched: readonly string[],
): boolean {
  const isNamed = () => [...from.split("/"), ...repository.split("/")].includes(name);
  if (written === undefined) {
    return searched.some((one) => isWithin(one, directory)) && isNamed();
  }
  if (written === directory || !isWithin(written, directory)) return false;
  return /\/s?bin\/[^/]+$/.test(written.slice(directory.length)) || isNamed();
}
