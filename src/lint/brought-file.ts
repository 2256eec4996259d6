/** Files of the build context whose texts were read, where instructions have put them. */
import path from "node:path";
import { mountsOf } from "../dockerfile/mount.ts";
import { type Copy, copiesOf, origin, pathInContext, patternsOf } from "./artefact/copy.ts";
import { isWithin, pathFrom } from "./path.ts";
import type { Step } from "./step.ts";

export interface BroughtFile {
  /** In the context. */
  readonly path: string;
  readonly text: string;
}

/** What lies at that absolute path; undefined for what was not brought from the context, or not read. */
export type FileAt = (place: string) => BroughtFile | undefined;

/** The paths of the context, one of which lies at that absolute path if it was brought from there; the likeliest first. */
export type OriginsOf = (place: string) => readonly string[];

/** The files of the context, one of which it has put there, if it has put anything there. */
export type Bringing = (place: string) => readonly string[];

/** `bringings` are those of earlier instructions, in their order. */
export function originsBy(bringings: readonly Bringing[]): OriginsOf {
  return (place) => bringings.toReversed().flatMap((bringing) => bringing(place));
}

/** `texts` are those of the context, by their paths in it. */
export function broughtFiles(originsOf: OriginsOf, texts: ReadonlyMap<string, string>): FileAt {
  if (texts.size === 0) return () => undefined;
  return (place) => {
    const found = originsOf(place).find((file) => texts.has(file));
    const text = found === undefined ? undefined : texts.get(found);
    return found === undefined || text === undefined ? undefined : { path: found, text };
  };
}

/** What a COPY or ADD brings, for the steps behind it. */
export function bringingsOf(step: Step): readonly Bringing[] {
  const patterns = patternsOf(step).map(({ directory, fits, to }): Bringing => (place) => {
    const name = path.posix.basename(place);
    const isThere = path.posix.dirname(place) === to && fits(name);
    return isThere ? [path.posix.join(directory, name)] : [];
  });
  return [
    ...copiesOf(step).map(
      (copy): Bringing =>
        (place) =>
          sourcesOf(copy, place),
    ),
    ...patterns,
  ];
}

/** What is mounted while a RUN runs. */
export function mountedIn({
  instruction,
  directory,
  textOf,
}: Pick<Step, "instruction" | "directory" | "textOf">): readonly Bringing[] {
  if (instruction.keyword !== "RUN") return [];
  return mountsOf(instruction).flatMap(({ type, from, options }) => {
    if (type !== "bind" || from !== undefined) return [];
    const source = pathInContext(textOf(options.get("source") ?? "."));
    const to = pathFrom(directory, textOf(options.get("target") ?? "") ?? "");
    if (source === undefined || to === undefined) return [];
    const bringing: Bringing = (place) =>
      isWithin(place, to) ? [path.posix.join(source, path.posix.relative(to, place))] : [];
    return [bringing];
  });
}

/** What the copy would have put there: a file of a directory, or the one file that it is. */
function sourcesOf(copy: Copy, place: string): readonly string[] {
  const { from, to } = copy;
  const own = place === to || place === path.posix.join(to ?? "/", path.posix.basename(from));
  const within = origin(copy, place);
  return [...(own ? [from] : []), ...(within === undefined ? [] : [within])];
}

/** The line of that offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
