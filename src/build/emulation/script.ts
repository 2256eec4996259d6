/** The commands of what a RUN gives to the shell. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { scriptOf, type Script as ScriptText } from "../../dockerfile/script.ts";
import { readShell, type ShellText } from "../../shell/commands.ts";

export interface Script extends ShellText, Pick<ScriptText, "text" | "form"> {}

/** Longer ones are taken for what nobody can say anything about. */
const longest = 65_536;

export function readScript(run: Instruction): Script {
  const { text, form, isShell } = scriptOf(run);
  // A line feed in an exec form would end the RUN that it is written into.
  const isUnreadable =
    !isShell || text.length > longest || (form === "exec" && /[\r\n]/.test(text));
  return { text, form, ...(isUnreadable ? { commands: [], isComplete: false } : readShell(text)) };
}
