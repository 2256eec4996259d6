/** Files of the build context whose texts were read, where earlier instructions have put them. */
import path from "node:path";
import { type Copy, origin } from "./artefact/copy.ts";

export interface BroughtFile {
  /** In the context. */
  readonly path: string;
  readonly text: string;
}

/** What lies at that absolute path; undefined for what was not brought from the context, or not read. */
export type FileAt = (place: string) => BroughtFile | undefined;

/** `copies` are what earlier instructions brought, in their order; `texts` those of the context, by their paths in it. */
export function broughtFiles(copies: readonly Copy[], texts: ReadonlyMap<string, string>): FileAt {
  if (copies.length === 0 || texts.size === 0) return () => undefined;
  return (place) => {
    const sources = copies.toReversed().flatMap((copy) => sourcesOf(copy, place));
    const found = sources.find((file) => texts.has(file));
    const text = found === undefined ? undefined : texts.get(found);
    return found === undefined || text === undefined ? undefined : { path: found, text };
  };
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
