/** What the instructions of a stage, and the commands of a RUN, set for those behind them. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { pairsOf } from "../../dockerfile/pair.ts";
import { expand } from "../../dockerfile/variables.ts";
import { directoryAfter, directoryOfImage } from "../../dockerfile/directory.ts";
import type { Program } from "./program.ts";
import { pathOf } from "../../dockerfile/directory.ts";

/** What holds for a RUN because of the instructions before it. */
export interface State {
  directory: string | undefined;
  readonly environment: Map<string, string>;
  user: string | undefined;
  hasOtherShell: boolean;
}

export function newState(image: string): State {
  return {
    directory: directoryOfImage(image),
    environment: new Map(),
    user: undefined,
    hasOtherShell: false,
  };
}

/** What an instruction that is no RUN changes for those behind it. */
export function pass(instruction: Instruction, state: State): void {
  const { keyword, text, arguments: words } = instruction;
  if (keyword === "WORKDIR") {
    state.directory = directoryAfter(instruction, state.directory, state.environment);
  } else if (keyword === "ENV" || keyword === "ARG") {
    for (const { name, value } of pairsOf(instruction)) {
      if (value === undefined) continue;
      const expansion = expand(value, state.environment);
      state.environment.set(name, expansion.missing.size > 0 ? value : expansion.text);
    }
  } else if (keyword === "USER") state.user = /^(?:root|0)(?::|$)/.test(text) ? undefined : text;
  else if (keyword === "SHELL") {
    state.hasOtherShell = !/(?:^|\/)(?:ba|da|a)?sh$/.test(words[0]?.text ?? "");
  }
}

export function assign(text: string, environment: Map<string, string>): void {
  const [, name, value = ""] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined) environment.set(name, value);
}

/** What `cd` and `export` change for the commands behind them. */
export function follow(
  { name, args, command }: Program,
  own: { directory: string | undefined; readonly environment: Map<string, string> },
): void {
  if (name === "export") for (const { text } of args) assign(text, own.environment);
  if (name === "cd" || name === "pushd" || name === "popd") {
    own.directory = command.depth === 0 && name === "cd" ? pathOf(args[0]?.value, own) : undefined;
  }
}
