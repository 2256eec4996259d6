/** What a build was: each platform with its verdict, what was done, what it cost, and where the image went. */
import type { Digest } from "../oci/digest.ts";
import type { PushResult } from "../registry/push.ts";
import type { PlatformVerdict, Verdict } from "../verify/verify.ts";
import type { BuildCheck } from "./check/check.ts";
import type { Explanation } from "./emulation/explain.ts";
import type { LoadedImage } from "./load.ts";
import type { BuildStep, EmulationLedger } from "./progress/ledger.ts";

export interface BuiltPlatform extends PlatformVerdict {
  /** Whether the machine that built runs the platform's programs without an emulator. */
  readonly execution: "native" | "emulated";
}

export interface BuildResult {
  /** `rustci:local-amd64`. */
  readonly image: string;
  readonly outcome: "built" | "refuted" | "planned";
  readonly verdict: Verdict;
  /** Of the manifest or index in the store. */
  readonly digest?: Digest;
  readonly platforms: readonly BuiltPlatform[];
  readonly loaded: readonly LoadedImage[];
  readonly pushed?: PushResult;
  /** What was looked at before it began. */
  readonly checks: readonly BuildCheck[];
  /** What was done, in BuildKit's order. */
  readonly steps: readonly BuildStep[];
  /** What ran under an emulator, and what that cost; absent where nothing was built. */
  readonly emulation?: EmulationLedger;
  /** The ways out of it, where they were asked for. */
  readonly explanation?: Explanation;
  /** The file with all that buildx said; absent where none could be kept. */
  readonly log?: string;
  /** The store's directory. */
  readonly store: string;
}
