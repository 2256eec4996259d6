/** Words and paths as the instructions of a stage mean them. */
import { pathOf } from "../dockerfile/directory.ts";
import type { Escape } from "../dockerfile/line.ts";
import { expand } from "../dockerfile/variables.ts";
import { hole } from "../shell/value.ts";
import { Texts } from "./scope.ts";
import type { InstructionView } from "./view.ts";

/** The word with its variables replaced; undefined where a part of it is not known. */
export function textAt(
  word: string,
  { variables }: InstructionView,
  escape: Escape,
): string | undefined {
  const { text, problem } = expand(word, new Texts(variables), escape);
  return problem !== undefined || text.includes(hole) ? undefined : text;
}

/** The absolute path of what a program was given; undefined where a part of it is not known. */
export function pathFrom(directory: string | undefined, text: string): string | undefined {
  return text.includes(hole) ? undefined : pathOf(text, { directory });
}

/** Whether the path is that directory, or something in it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}
