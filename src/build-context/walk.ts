/** One walk through the build context, as far as it is sent to the builder, for every check that wants to know what is in it. */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import {
  type IgnorePatterns,
  matchPath,
  mayHoldExceptions,
  type PathMatch,
} from "../dockerfile/ignore.ts";
import { inParallel } from "../process/parallel.ts";
import type { Platform } from "../platform/platform.ts";
import {
  type Artefact,
  artefactKind,
  type ArtefactKind,
  isCrossCompiled,
  mayBeNative,
  type Proof,
} from "./artefact.ts";
import { hasCounterpart } from "./counterpart.ts";
import { nativeFile } from "./native.ts";

export interface WalkOptions {
  /** The context's directory. */
  readonly context: string;
  readonly patterns: IgnorePatterns;
  readonly platforms: readonly Platform[];
  /** Whether files of that name, outside of artefacts, are looked for. */
  readonly isWanted: (name: string) => boolean;
  readonly signal: AbortSignal;
  readonly limits?: WalkLimits;
}

export interface WalkLimits {
  readonly entries: number;
  /** Directories one in another. */
  readonly depth: number;
  /** Files of artefacts that are opened. */
  readonly opened: number;
  readonly milliseconds: number;
  /** So many entries are gone through however busy the machine is. */
  readonly fewest: number;
}

/** A build does not wait longer for this than for everything else that is looked at before it. */
const usualLimits: WalkLimits = {
  entries: 400_000,
  depth: 40,
  opened: 4000,
  milliseconds: 400,
  fewest: 500,
};

/** Directories that are read side by side. */
const width = 16;

/** Directories between two looks at the limits. */
const batch = 128;

export interface ContextWalk {
  /** Those with a program that is wrong have a proof. */
  readonly artefacts: readonly Artefact[];
  /** Those that are wanted: in the context, none of them in an artefact. */
  readonly files: readonly string[];
  /** Which limit ended it before it had seen everything, as a part of a sentence. */
  readonly cutShort?: string;
}

interface Suspect {
  readonly kind: ArtefactKind;
  readonly path: string;
  readonly kept: readonly string[];
  /** The walk's own: once it is there, nothing more is looked for. */
  proof: Proof | undefined;
}

interface Directory {
  /** In the context; empty for the context itself. */
  readonly path: string;
  readonly depth: number;
  readonly match: PathMatch | undefined;
  readonly suspect: Suspect | undefined;
}

interface Listing extends Directory {
  readonly entries: readonly Dirent[];
}

/** Goes down level by level, so that what it names first lies highest. Links are not followed, as BuildKit does not follow them. */
export async function walkContext(options: WalkOptions): Promise<ContextWalk> {
  const walk = new Walk(options);
  let level: readonly Directory[] = [{ path: "", depth: 0, match: undefined, suspect: undefined }];
  while (level.length > 0) {
    const below: Directory[] = [];
    for (let at = 0; at < level.length; at += batch) {
      options.signal.throwIfAborted();
      below.push(...(await walk.visit(level.slice(at, at + batch))));
      if (walk.cutShort !== undefined) return walk.result();
    }
    level = below;
  }
  return walk.result();
}

class Walk {
  cutShort: string | undefined;
  readonly #options: WalkOptions;
  readonly #limits: WalkLimits;
  readonly #begun = performance.now();
  readonly #suspects: Suspect[] = [];
  readonly #files: string[] = [];
  #count = 0;
  #opened = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#limits = options.limits ?? usualLimits;
  }

  /** What lies below those directories. */
  async visit(directories: readonly Directory[]): Promise<readonly Directory[]> {
    const isOpen = ({ suspect }: Pick<Directory, "suspect">) => suspect?.proof === undefined;
    const read = await inParallel(directories.filter(isOpen), width, async (directory) => {
      return { ...directory, entries: await this.#entriesOf(directory) };
    });
    const below: Directory[] = [];
    for (const one of read) {
      this.#count += one.entries.length;
      const listing = { ...one, suspect: one.suspect ?? this.#suspect(one) };
      // One of its other directories may have held the proof.
      if (!isOpen(listing)) continue;
      below.push(...this.#directoriesIn(listing));
      await this.#lookAtFiles(listing);
    }
    const { entries, milliseconds, fewest } = this.#limits;
    if (this.#count > entries) this.cutShort ??= `after ${entries} entries`;
    const spent = performance.now() - this.#begun;
    if (spent > milliseconds && this.#count > fewest)
      this.cutShort ??= `after ${milliseconds / 1000} s`;
    return below;
  }

  result(): ContextWalk {
    const artefacts = this.#suspects.map(({ proof, ...rest }) =>
      proof === undefined ? rest : { ...rest, proof },
    );
    const { cutShort } = this;
    return { artefacts, files: this.#files, ...(cutShort === undefined ? {} : { cutShort }) };
  }

  async #entriesOf(directory: Directory): Promise<readonly Dirent[]> {
    const place = path.join(this.#options.context, directory.path);
    const read = await readdir(place, { withFileTypes: true }).catch(() => []);
    return read.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  #suspect({ path: directory, entries }: Listing): Suspect | undefined {
    const names = new Set(entries.map(({ name }) => name));
    const kind = artefactKind(directory, names);
    // A context that is an artefact itself is meant.
    if (kind === undefined || directory === "") return undefined;
    const { platforms } = this.#options;
    const kept = kind === "rust" ? [...names].filter((one) => isCrossCompiled(one, platforms)) : [];
    const suspect = { kind, path: directory, kept, proof: undefined };
    this.#suspects.push(suspect);
    return suspect;
  }

  #directoriesIn({ path: above, depth, match, suspect, entries }: Listing): readonly Directory[] {
    const { patterns } = this.#options;
    const found: Directory[] = [];
    for (const entry of entries) {
      // What git keeps is no artefact, and much.
      if (!entry.isDirectory() || entry.name === ".git") continue;
      const own = under(above, entry.name);
      const matched = patterns.length === 0 ? undefined : matchPath(own, patterns, match);
      if (matched?.isIgnored === true && !mayHoldExceptions(own, patterns)) continue;
      if (depth === this.#limits.depth) this.cutShort ??= `${depth} directories deep`;
      else found.push({ path: own, depth: depth + 1, match: matched, suspect });
    }
    return found;
  }

  async #lookAtFiles({ path: above, match, suspect, entries }: Listing): Promise<void> {
    const { patterns, isWanted } = this.#options;
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const isFound = suspect === undefined && isWanted(entry.name);
      const isCandidate = suspect !== undefined && mayBeNative(suspect.kind, above, entry.name);
      if (!isFound && !isCandidate) continue;
      const own = under(above, entry.name);
      if (patterns.length > 0 && matchPath(own, patterns, match).isIgnored) continue;
      if (isFound) this.#files.push(own);
      else if (suspect !== undefined) {
        suspect.proof = await this.#proof(own, suspect);
        if (suspect.proof !== undefined || this.cutShort !== undefined) return;
      }
    }
  }

  async #proof(file: string, { path: artefact }: Suspect): Promise<Proof | undefined> {
    if (this.#opened === this.#limits.opened) {
      this.cutShort ??= `after ${this.#opened} programs and libraries`;
      return undefined;
    }
    this.#opened += 1;
    const { context: root, platforms } = this.#options;
    const native = await nativeFile(path.join(root, file));
    if (native === undefined) return undefined;
    const segments = file.split("/");
    const start = artefact.split("/").length;
    const unfit: Platform[] = [];
    for (const platform of platforms) {
      if (native.serves(platform)) continue;
      if (!(await hasCounterpart({ root, segments, start }, platform))) unfit.push(platform);
    }
    const { description, format } = native;
    return unfit.length === 0 ? undefined : { path: file, description, format, unfit };
  }
}

function under(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
