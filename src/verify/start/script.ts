/** Whether an interpreter can read the script that the kernel starts it with, and takes the argument of its first line. */
import path from "node:path";
import { readShebang } from "../../binary/script.ts";
import type { Container } from "../container.ts";
import { mayAccess, mayReach } from "../user.ts";
import type { RefusalRule, Running } from "./outcome.ts";
import type { Located } from "./search.ts";

export interface ScriptProblem {
  readonly rule: RefusalRule;
  readonly located: Located;
  readonly message: string;
  /** What the interpreter prints; absent where that depends. */
  readonly sentence?: string;
}

/** Of the script that the binary is started with: the last of them. */
export function scriptProblem(
  { user, tree }: Container,
  { scripts, located: interpreter }: Running,
): ScriptProblem | undefined {
  const script = scripts.at(-1);
  if (script === undefined) return undefined;
  const { path: file, node } = script;
  if (!mayAccess(user, node.entry, "read") || !mayReach(user, tree, file)) {
    const message = `${file} is a script that its user may execute and not read: ${interpreter.path} cannot open it.`;
    return {
      rule: "entrypoint-permission",
      located: script,
      message,
      sentence: "Permission denied",
    };
  }
  const { content } = node.entry;
  const argument = content?.kind === "script" ? readShebang(content.head)?.argument : undefined;
  if (argument?.endsWith("\r") !== true) return undefined;
  const name = path.posix.basename(interpreter.path);
  // Which looks for a program of that name: the next step.
  if (name === "env") return undefined;
  const sentence = refusalOf(name);
  return {
    rule: "entrypoint-interpreter",
    located: script,
    message: `${file} has Windows line ends: ${interpreter.path} is given the argument ${JSON.stringify(argument)}.`,
    ...(sentence === undefined ? {} : { sentence }),
  };
}

/** What a shell says of an option that ends with a carriage return. */
function refusalOf(shell: string): string | undefined {
  if (shell === "dash") return "Illegal option -";
  return shell === "bash" ? "invalid option" : undefined;
}
