import type { TransshipError } from "../../errors.ts";

/** What is looked at before a build, each with its own fix. */
export interface BuildCheck {
  /** `ignore-file`, `artefacts`, `lock-file`, `context`, `dockerfile`, `disk`, `base-image`, `emulator`. */
  readonly id: string;
  readonly status: "pass" | "warn" | "fail" | "skip";
  readonly detail: string;
  /** What to do about it; absent where it passes. */
  readonly fix?: string;
  /** The error of a check that fails, where the build would end with the same. */
  readonly error?: TransshipError;
}

/** A lock file that says nothing; `reason` is a part of a sentence. */
export function unreadLockFile(file: string, reason: string): BuildCheck {
  return { id: "lock-file", status: "skip", detail: `${file} was not checked: ${reason}.` };
}
