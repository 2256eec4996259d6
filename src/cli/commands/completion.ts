import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import { completionScript, type Shell, shells } from "../completion.ts";
import type { CliContext } from "../context.ts";

export const completionCommand = buildCommand<object, [shell: Shell], CliContext>({
  docs: {
    brief: "Write the completion script of a shell",
    fullDescription: [
      "Writes the script that completes the commands and flags of transship.",
      "",
      "Examples:",
      "  source <(transship completion bash)      # in ~/.bashrc",
      "  source <(transship completion zsh)       # in ~/.zshrc, after compinit",
      "  transship completion fish > ~/.config/fish/completions/transship.fish",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: shells.join(", "),
          placeholder: "SHELL",
          parse: readShell,
          proposeCompletions: () => shells,
        },
      ],
    },
  },
  func(_flags, shell) {
    this.process.stdout.write(`${completionScript(shell)}\n`);
    this.process.exitCode = exitCodes.done;
  },
});

function readShell(word: string): Shell {
  const found = shells.find((shell) => shell === word);
  if (found === undefined)
    throw new RangeError(`there is no script for "${word}", only for ${shells.join(", ")}`);
  return found;
}
