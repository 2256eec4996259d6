/** Which file a shell starts for a command. */
import path from "node:path";
import { hole } from "../shell/value.ts";
import { pathFrom } from "./path.ts";
import type { Program } from "./program.ts";

export const usualDirectories: ReadonlySet<string> = new Set([
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
]);

/** What a shell does itself, whatever program of that name there is. */
const builtins: ReadonlySet<string> = new Set(
  "[ . : cd command echo eval exec exit export false kill printf pwd read set test trap true type ulimit umask wait".split(
    " ",
  ),
);

/** The path of a command that is run by its path; undefined where it is looked for, or where a part of it is not known. */
export function writtenPath({ word, directory }: Program): string | undefined {
  return word.text.includes("/") ? pathFrom(directory, word.text) : undefined;
}

/** The directories that it is looked for in; none where it is run by its path, or is the shell's own. */
export function searchedFor({ name, word, environment }: Program): ReadonlySet<string> {
  if (word.text.includes("/") || builtins.has(name)) return new Set();
  const written = (environment.get("PATH")?.text ?? "").split(":");
  return new Set([
    ...usualDirectories,
    ...written.flatMap((one) =>
      one.startsWith("/") && !one.includes(hole) ? [path.posix.resolve(one)] : [],
    ),
  ]);
}
