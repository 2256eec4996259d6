/** The mark in front of a line that says how something ended. */
import type { Style } from "./style.ts";

const marks = {
  pass: ["green", "✓"],
  warn: ["yellow", "!"],
  fail: ["red", "✗"],
  skip: ["dim", "-"],
} as const;

export function statusMark(status: keyof typeof marks, style: Style): string {
  const [colour, mark] = marks[status];
  return style(colour, mark);
}
