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

/** `a`, `a and b`, `a, b and 3 more`: as many of a list as a line bears. */
export function listed(names: readonly string[], most = 4): string {
  const shown = names.slice(0, names.length > most ? most - 1 : most);
  const rest = names.length - shown.length;
  const parts = rest === 0 ? shown : [...shown, `${rest} more`];
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

/** A lock file that says nothing; `reason` is a part of a sentence. */
export function unreadLockFile(file: string, reason: string): BuildCheck {
  return { id: "lock-file", status: "skip", detail: `${file} was not checked: ${reason}.` };
}
