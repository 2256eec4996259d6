/** What a shell asks while a command line is being typed, and the script with which it is taught to ask. */
import { type Application, proposeCompletions } from "@stricli/core";
import type { CliContext } from "./context.ts";

/** The hidden word that asks: `transship __complete build --pl`. */
export const completionWord = "__complete";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Writes the proposals for the words typed so far, one a line. A line that is wrong has none. */
export async function complete(
  application: Application<CliContext>,
  words: readonly string[],
  context: CliContext,
): Promise<void> {
  const proposals = await proposeCompletions(application, words, context).catch(() => []);
  for (const { completion } of proposals) context.process.stdout.write(`${completion}\n`);
}

/** The script for that shell; what is not completed by us is a file. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case "bash":
      return [
        "_transship() {",
        "  local IFS=$'\\n'",
        `  COMPREPLY=($(transship ${completionWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))`,
        "}",
        "complete -o default -F _transship transship",
      ].join("\n");
    case "zsh":
      return [
        "#compdef transship",
        "_transship() {",
        "  local -a proposals",
        `  proposals=("\${(@f)$(transship ${completionWord} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")`,
        "  if (( ${#proposals[@]} && ${#proposals[1]} )); then compadd -a proposals; else _files; fi",
        "}",
        "compdef _transship transship",
      ].join("\n");
    case "fish":
      return `complete -c transship -a '(transship ${completionWord} (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`;
  }
}
