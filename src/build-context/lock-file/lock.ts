/** What the readers of lock files are given, and what they find. */
import type { Platform } from "../../platform/platform.ts";

export interface LockFile {
  /** In the context: `packages/a/package-lock.json`. */
  readonly path: string;
  readonly text: string;
  /** What the settings beside it say of the platforms that are installed for; absent where they say nothing. */
  readonly supported?: Supported | undefined;
}

/** `supportedArchitectures` of pnpm and Yarn. */
export interface Supported {
  /** The file that it stands in. */
  readonly file: string;
  /** In Node's words; a list that is absent or empty stands for the machine that it runs on. */
  readonly os?: readonly string[] | null | undefined;
  readonly cpu?: readonly string[] | null | undefined;
}

export interface LockProblem {
  readonly platform: Platform;
  /** A whole sentence. */
  readonly detail: string;
  readonly fix: string;
  /** What the installer then says, or what was installed once it is started; absent where nothing is sure. */
  readonly failure?: string;
  /** Whether something that is missing is needed not for development alone; absent where the lock file does not tell. */
  readonly isInProduction?: boolean;
}

/** Finds what a lock file keeps from the platforms. @throws SyntaxError where it is no such file, with a part of a sentence */
export type LockReader = (file: LockFile, platforms: readonly Platform[]) => readonly LockProblem[];
