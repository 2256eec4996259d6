/** The edit that declares a variable in a stage. */
import type { Edit } from "./rules/rule.ts";
import type { Step } from "./step.ts";

/** A line of its own behind the FROM of the step's stage; none where an ONBUILD of another stage holds the step, which runs before that. */
export function declarationIn({ stage, instruction }: Step, name: string): readonly Edit[] {
  const { from, instructions } = stage.resolved.stage;
  if (!instructions.includes(instruction)) return [];
  const { endLine, endColumn } = from.range;
  const range = { line: endLine, column: endColumn, endLine, endColumn };
  return [{ range, text: `\nARG ${name}` }];
}
