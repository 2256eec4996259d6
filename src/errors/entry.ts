/** Exit codes of the command line: documented and permanent. */
export const exitCodes = {
  /** Done, or proven. */
  done: 0,
  /** Refuted, a failed check or a failed gate. */
  failed: 1,
  usage: 2,
  /** Unproven, with `--strict`. */
  unproven: 3,
  /** No engine, no buildx, ssh refused. */
  environment: 4,
  /** A tool that we ran failed. */
  tool: 5,
  /** A deploy was undone after its switch. */
  undone: 6,
  rollbackFailed: 7,
  /** A bug of ours. */
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What an error knows about the moment it was thrown in; printed by `--json` and `--verbose`. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface CatalogueEntry<F extends Facts> {
  /** What went wrong, without the facts of the moment: a heading of the reference. */
  readonly title: string;
  readonly exitCode: ExitCode;
  /** One sentence. */
  message(facts: F): string;
  /** What to do next, with the command to type where there is one. */
  hint(facts: F): string;
}

/** Ties an entry's facts to its message and hint. */
export function entry<F extends Facts>(definition: CatalogueEntry<F>): CatalogueEntry<F> {
  return definition;
}
