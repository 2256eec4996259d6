/**
 * The one error type that Transship throws on purpose. Every code is permanent: scripts may depend on it.
 * The entries stand in `errors/`, one file a noun; this file joins them and knows the exit codes.
 */
import { baseErrors } from "./errors/base.ts";
import { buildErrors } from "./errors/build.ts";
import { compatErrors } from "./errors/compat.ts";
import { configErrors } from "./errors/config.ts";
import type { CatalogueEntry, ExitCode, Facts } from "./errors/entry.ts";
import { deployErrors } from "./errors/deploy.ts";
import { engineErrors } from "./errors/engine.ts";
import { imageErrors } from "./errors/image.ts";
import { nodeErrors } from "./errors/node.ts";
import { registryErrors } from "./errors/registry.ts";
import { serverErrors } from "./errors/server.ts";
import { setupErrors } from "./errors/setup.ts";
import { shipErrors } from "./errors/ship.ts";
import { stepErrors } from "./errors/step.ts";
import { storeErrors } from "./errors/store.ts";
import { usageErrors } from "./errors/usage.ts";

export { exitCodes, type ExitCode, type Facts } from "./errors/entry.ts";

const catalogue = {
  ...usageErrors,
  ...engineErrors,
  ...setupErrors,
  ...nodeErrors,
  ...serverErrors,
  ...buildErrors,
  ...baseErrors,
  ...stepErrors,
  ...configErrors,
  ...imageErrors,
  ...storeErrors,
  ...compatErrors,
  ...registryErrors,
  ...shipErrors,
  ...deployErrors,
};

type Catalogue = typeof catalogue;
export type ErrorCode = keyof Catalogue;
export type FactsOf<Code extends ErrorCode> =
  Catalogue[Code] extends CatalogueEntry<infer F> ? F : never;

/** An expected failure: a permanent code, one sentence, the next command to type, and the facts behind both. */
export class TransshipError extends Error {
  override readonly name = "TransshipError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly facts: Facts;
  readonly exitCode: ExitCode;
  /** What it is about, as it stands: lines of a file, the last words of a program. */
  readonly excerpt: readonly string[];

  /** Use {@link fail}, which ties the facts to their code. */
  constructor(code: ErrorCode, facts: Facts, options: FailureOptions = {}) {
    const found: CatalogueEntry<Facts> = catalogue[code];
    super(found.message(facts), options);
    this.code = code;
    this.facts = facts;
    this.hint = found.hint(facts);
    this.exitCode = found.exitCode;
    this.excerpt = options.excerpt ?? [];
  }

  /** The same with more known of it: where the log is, the lines that it is about. */
  with(more: { readonly facts?: Facts; readonly excerpt?: readonly string[] }): TransshipError {
    const { cause, excerpt } = this;
    const facts = { ...this.facts, ...more.facts };
    const same = new TransshipError(this.code, facts, { cause, excerpt: more.excerpt ?? excerpt });
    if (this.stack !== undefined) same.stack = this.stack;
    return same;
  }
}

interface FailureOptions extends ErrorOptions {
  readonly excerpt?: readonly string[];
}

/** Makes the error of that code: `throw fail("ENGINE_UNREACHABLE", { host, reason })`. */
export function fail<Code extends ErrorCode>(
  code: Code,
  facts: FactsOf<Code>,
  options?: FailureOptions,
): TransshipError {
  return new TransshipError(code, facts, options);
}

/** Whether an unknown thrown value is that expected failure (of any code when none is named). */
export function isFailure(error: unknown, ...codes: readonly ErrorCode[]): error is TransshipError {
  return error instanceof TransshipError && (codes.length === 0 || codes.includes(error.code));
}

/** An error as the reference page shows it. */
export interface ListedError {
  readonly code: string;
  readonly title: string;
  readonly exitCode: ExitCode;
  /** As a terminal shows it, the facts' names in capitals where the facts will stand. */
  readonly shown: string;
}

/** Every code: what the reference page is generated from. */
export function listErrors(): readonly ListedError[] {
  return Object.entries<CatalogueEntry<Facts>>(catalogue).map(([code, entry]) => ({
    code,
    title: entry.title,
    exitCode: entry.exitCode,
    shown: `error[${code}]: ${entry.message(namedFacts)}\n  → ${entry.hint(namedFacts)}`,
  }));
}

/** Facts that show their own names: `exitCode` as EXIT_CODE. A list of one text reads as that text, and can be joined. */
const namedFacts = new Proxy<Facts>(
  {},
  { get: (_target, name) => [String(name).replaceAll(/[A-Z]/g, "_$&").toUpperCase()] },
);
