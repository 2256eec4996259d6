/** What the readers of lock files are given, and what they find. */
import type { Platform } from "../../platform/platform.ts";

export interface LockFile {
  /** In the context: `packages/a/package-lock.json`. */
  readonly path: string;
  readonly text: string;
  /** The texts of the settings beside it, by their names: `package.json`, `pnpm-workspace.yaml`, `.yarnrc.yml`. */
  readonly settings: ReadonlyMap<string, string>;
}

export interface LockProblem {
  readonly platform: Platform;
  /** A whole sentence. */
  readonly detail: string;
  readonly fix: string;
  /** What the installer then says, or what was installed once it is started; absent where nothing is sure. */
  readonly failure?: string;
}

/** Finds what a lock file keeps from the platforms. @throws SyntaxError where it is no such file, with a part of a sentence */
export type LockReader = (file: LockFile, platforms: readonly Platform[]) => readonly LockProblem[];
