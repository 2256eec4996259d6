/** What a verb tells while it works. The command line renders it; a library user gets the events. */
import type { TaskEvent } from "./task.ts";

export type ReportEvent =
  /** A part of long work begins, speaks or ends. */
  | TaskEvent
  /** A command that changes something, before it runs. */
  | { readonly kind: "command"; readonly argv: readonly string[] }
  /** A step of a plan begins. */
  | { readonly kind: "step"; readonly title: string; readonly reason: string }
  /** One line of a tool's own output. */
  | { readonly kind: "output"; readonly line: string }
  /** Something worth knowing. */
  | { readonly kind: "note"; readonly text: string }
  /** Something that may hurt later. */
  | { readonly kind: "warning"; readonly text: string }
  /** Of interest only when something is looked for (`--verbose`). */
  | { readonly kind: "detail"; readonly text: string };

export type Report = (event: ReportEvent) => void;
