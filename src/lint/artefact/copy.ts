/** What COPY and ADD take of the build context, and where they put it. */
import path from "node:path";
import { pathOf } from "../../dockerfile/directory.ts";
import { type IgnorePatterns, isIgnored, parseIgnoreFile } from "../../dockerfile/ignore.ts";
import type { Word } from "../../dockerfile/split.ts";
import { matchesGlob } from "../../shell/pattern.ts";
import { isWithin } from "../path.ts";
import type { Step } from "../step.ts";

export interface Copy {
  readonly step: Step;
  /** The source, as it is written. */
  readonly word: Word;
  /** In the context, cleaned; empty for all of it. */
  readonly from: string;
  /** Where its contents come to lie, if it is a directory. */
  readonly to: string | undefined;
  readonly isExcluded: (file: string) => boolean;
}

/** Each source of a COPY or ADD that is one path of the context. */
export function copiesOf(step: Step): readonly Copy[] {
  if (!takesContext(step)) return [];
  const { flags } = step.instruction;
  const target = targetOf(step);
  const excluded = excludedBy(flags.filter(({ name }) => name === "exclude"));
  return sourcesOf(step).flatMap((word) => {
    const from = pathInContext(step.textOf(word.text));
    if (from === undefined) return [];
    const to = isNested(step) && from !== "" ? undefined : target;
    const isExcluded = (file: string) =>
      excluded === undefined ||
      isIgnored(file, excluded) ||
      isIgnored(path.posix.relative(from, file), excluded);
    return [{ step, word, from, to, isExcluded }];
  });
}

/** Sources of a COPY or ADD that stand for the files of one directory whose names fit: `package*.json`. */
export interface Pattern {
  readonly directory: string;
  readonly fits: (name: string) => boolean;
  /** The directory that they are put into. */
  readonly to: string;
}

export function patternsOf(step: Step): readonly Pattern[] {
  const to = takesContext(step) && !isNested(step) ? targetOf(step) : undefined;
  if (to === undefined) return [];
  return sourcesOf(step).flatMap((word) => {
    const text = step.textOf(word.text) ?? "";
    const [, above = "", pattern = ""] = /^(.*\/)?([^/]*[*?[][^/]*)$/.exec(text) ?? [];
    const directory = above === "" ? "" : pathInContext(above);
    if (pattern === "" || directory === undefined) return [];
    return [{ directory, fits: (name: string) => matchesGlob(name, pattern) === true, to }];
  });
}

function takesContext({ instruction: { keyword, flags } }: Step): boolean {
  if (keyword !== "COPY" && keyword !== "ADD") return false;
  return !flags.some(({ name, value = "" }) => name === "from" && value !== "");
}

function sourcesOf({ instruction }: Step): readonly Word[] {
  return instruction.arguments.slice(0, -1);
}

function targetOf(step: Step): string | undefined {
  return pathOf(step.textOf(step.instruction.arguments.at(-1)?.text ?? ""), step);
}

function isNested({ instruction: { flags } }: Step): boolean {
  return flags.some(({ name }) => name === "parents");
}

/** Where a COPY from a stage or image puts what bears that name: `node_modules`, `vendor/bundle`. */
export function copiedInto(step: Step, name: string): string | undefined {
  const { keyword, flags, arguments: words } = step.instruction;
  if (keyword !== "COPY" || !flags.some((flag) => flag.name === "from")) return undefined;
  const isNamed = words.slice(0, -1).some(({ text }) => isCalled(text, name));
  if (!isNamed) return undefined;
  const target = pathOf(step.textOf(words.at(-1)?.text ?? ""), step);
  return target !== undefined && isCalled(target, name) ? target : undefined;
}

function isCalled(place: string, name: string): boolean {
  return `/${place.replace(/\/+$/, "")}`.endsWith(`/${name}`);
}

/** Undefined for URLs, heredocs, and patterns, which part a directory from its contents. */
export function pathInContext(text: string | undefined): string | undefined {
  if (text === undefined || text === "" || /^<<|:\/\/|^git@|[*?[\\]/.test(text)) return undefined;
  return path.posix.normalize(`/${text}`).replaceAll(/^\/|\/$/g, "");
}

/** Undefined where a builder takes none of it. */
function excludedBy(flags: readonly { readonly value?: string }[]): IgnorePatterns | undefined {
  try {
    return parseIgnoreFile(flags.map(({ value = "" }) => value).join("\n"));
  } catch {
    return undefined;
  }
}

/** Where a path of the context comes to lie. */
export function landing({ from, to }: Copy, file: string): string | undefined {
  if (to === undefined || !isWithin(file, from)) return undefined;
  return path.posix.join(to, path.posix.relative(from, file));
}

/** What of the context would come to lie there. */
export function origin({ from, to }: Copy, place: string): string | undefined {
  if (to === undefined || !isWithin(place, to)) return undefined;
  return path.posix.join(from, path.posix.relative(to, place));
}
