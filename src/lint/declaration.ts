/** The edit that declares a variable in a stage. */
import type { Edit } from "./rules/rule.ts";
import type { StageView } from "./view.ts";

/** A line of its own behind the stage's FROM. */
export function declaration({ resolved }: StageView, name: string): Edit {
  const { endLine, endColumn } = resolved.stage.from.range;
  const range = { line: endLine, column: endColumn, endLine, endColumn };
  return { range, text: `\nARG ${name}` };
}
