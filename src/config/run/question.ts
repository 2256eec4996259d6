/** What the parts of a service are read from. */
import type { ParsedSource, Way } from "../locate.ts";
import type { ProjectParts, RunKeys } from "./keys.ts";

export interface RunQuestion {
  readonly name: string;
  readonly keys: RunKeys;
  readonly project: ProjectParts;
  readonly sources: readonly ParsedSource[];
  /** Compose's directory of the project, absolute: what is relative in its files is so to that. */
  readonly directory: string;
}

export function wayOf({ name }: Pick<RunQuestion, "name">, ...steps: Way): Way {
  return ["services", name, ...steps];
}
