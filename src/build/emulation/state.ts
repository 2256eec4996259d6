/** What the instructions of a stage, and the commands of a RUN, set for those behind them. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { pairsOf } from "../../dockerfile/pair.ts";
import { expand } from "../../dockerfile/variables.ts";
import { directoryOfImage, pathOf } from "../../dockerfile/directory.ts";
import { isPosixShell } from "../../dockerfile/script.ts";
import type { Program } from "./program.ts";

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
    state.directory = pathOf(textIn(text, state.environment), state);
  } else if (keyword === "ENV" || keyword === "ARG") {
    for (const { name, value } of pairsOf(instruction)) {
      if (value === undefined) continue;
      const expansion = expand(value, state.environment);
      state.environment.set(name, expansion.missing.size > 0 ? value : expansion.text);
    }
  } else if (keyword === "USER") state.user = /^(?:root|0)(?::|$)/.test(text) ? undefined : text;
  else if (keyword === "SHELL") {
    state.hasOtherShell = !isPosixShell(words[0]?.text);
  }
}

/** A word with its variables replaced; undefined where a part of it is not known. A value whose own variables are not known is kept as it is written. */
export function textIn(word: string, environment: ReadonlyMap<string, string>): string | undefined {
  const { text, missing, problem } = expand(word, environment);
  return problem !== undefined || missing.size > 0 || text.includes("$") ? undefined : text;
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
