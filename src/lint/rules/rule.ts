/** What a rule of lint is: what it looks for, and the page that explains it. */
import type { Range } from "../../dockerfile/range.ts";
import type { LintContext } from "../context.ts";
import type { TargetView } from "../view.ts";

export type RuleId =
  | "R1"
  | "R2"
  | "R3"
  | "R4"
  | "R5"
  | "R6"
  | "R7"
  | "R8"
  | "R9"
  | "R10"
  | "R11"
  | "R12";

export interface Rule {
  /** Permanent: ignore comments and reports name it. */
  readonly id: RuleId;
  /** What is wrong, in one clause. */
  readonly title: string;
  /** What it looks at, and what it takes for wrong. */
  readonly what: string;
  /** What happens then, and where. */
  readonly why: string;
  /** A Dockerfile, or lines of one, that it speaks of. */
  readonly bad: string;
  /** The same, as it should be. */
  readonly good: string;
  /** What lies beside `bad` and `good`, where the rule looks at that. */
  readonly context?: LintContext;
  /** What kernel, compiler or package manager print in the end. */
  readonly failure: string;
  /** What it does not see. */
  readonly blind: string;
  /** Looks at the Dockerfile as it is built for one platform. */
  check(view: TargetView): readonly Finding[];
}

export interface Finding {
  readonly severity: "error" | "warning";
  readonly range: Range;
  /** One sentence: what goes wrong, and on which platform. */
  readonly message: string;
  /** What kernel, compiler or package manager will say. */
  readonly failure?: string;
  /** What they may say instead: it depends on what is done with it. */
  readonly mayFail?: string;
  /** One clause: what to write instead. */
  readonly hint: string;
  /** The one safe answer, where there is one. */
  readonly edits?: readonly Edit[];
}

/** Takes the place of that stretch of the file. */
export interface Edit {
  readonly range: Range;
  readonly text: string;
}
