/** What keeps a Dockerfile from being built as it stands: BuildKit would stop at each of these. */
import type { Range } from "./range.ts";

type ProblemKind =
  /** More text than we read: see the limits in `syntax.ts`. */
  | "too-large"
  /** A NUL byte. */
  | "binary"
  /** No instruction at all, or none that starts a stage. */
  | "empty"
  | "line-too-long"
  | "directive"
  | "unknown-instruction"
  | "before-from"
  | "from"
  | "flag"
  | "json"
  | "heredoc"
  | "onbuild";

export interface Problem {
  readonly kind: ProblemKind;
  /** One clause without a full stop. */
  readonly message: string;
  readonly range: Range;
}

/** Takes a problem down while the text is read on. */
export type Report = (kind: ProblemKind, message: string, range: Range) => void;
