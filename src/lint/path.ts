/** Paths in a stage, as far as they are known. */
import { pathOf } from "../dockerfile/directory.ts";
import { hole } from "../shell/value.ts";

/** The absolute path of what a program was given; undefined where a part of it is not known. */
export function pathFrom(directory: string | undefined, text: string): string | undefined {
  return text.includes(hole) ? undefined : pathOf(text, { directory });
}

/** Whether the path is that directory, or something in it. The root is `/` of a stage, and empty of a context. */
export function isWithin(path: string, directory: string): boolean {
  return (
    path === directory || directory === "/" || directory === "" || path.startsWith(`${directory}/`)
  );
}
