/** What a benchmark is: it stands somewhere, and gives rows of times, or of memory, with what was wanted of them. */
import type { Site } from "../provision/site.ts";
import type { Setting } from "./setting.ts";

/** What was wanted of a time in milliseconds, or of its ratio to the peer's; or of memory in bytes. */
export type Target =
  | { readonly kind: "under"; readonly ms: number }
  | { readonly kind: "over-peer"; readonly ms: number }
  | { readonly kind: "ratio"; readonly most: number; readonly plusMs?: number }
  /** As the peer says, but for that part of it. */
  | { readonly kind: "near"; readonly part: number; readonly unit?: "bytes" }
  /** So many at most. */
  | { readonly kind: "count"; readonly most: number }
  /** Under so many bytes, and at most that ratio to the peer's where one is given. */
  | { readonly kind: "memory"; readonly bytes: number; readonly most?: number };

export interface Measured {
  readonly outcome: "measured";
  /** Markdown: what was measured. */
  readonly what: string;
  /** Markdown: what it was measured against. */
  readonly peer?: string;
  /** Milliseconds, or bytes where the target is one of memory; one a run. */
  readonly ours: readonly number[];
  /** Of the same rounds; empty without a peer. */
  readonly theirs: readonly number[];
  readonly target: Target;
}

export interface NotMeasured {
  readonly outcome: "not-measured";
  readonly what: string;
  readonly reason: string;
  /** Whether something went wrong, rather than being absent here. */
  readonly isFailure: boolean;
}

export type Row = Measured | NotMeasured;

interface Named {
  /** The word of `npm run bench -- WORD`. */
  readonly name:
    | "startup"
    | "lint"
    | "setup"
    | "build"
    | "cold"
    | "checks"
    | "ledger"
    | "test"
    | "doctor"
    | "verify"
    | "ship"
    | "deploy"
    | "memory";
  /** Runs unless `--runs` says otherwise. */
  readonly rounds: number;
}

/** One that runs on an engine: on all of them where the image store matters, else on the first alone. */
export interface EngineBenchmark extends Named {
  readonly on: "every-engine" | "one-engine";
  measure(setting: Setting, rounds: number): Promise<readonly Row[]>;
}

/** One that asks no engine anything. */
export interface LocalBenchmark extends Named {
  readonly on: "no-engine";
  measure(site: Site, rounds: number): Promise<readonly Row[]>;
}

export type Benchmark = EngineBenchmark | LocalBenchmark;
