/** Paths that Compose answers, which are absolute, as a person in the working directory would type them. */
import path from "node:path";
import type { ModelBuild } from "./model.ts";

/** What is no absolute path (an address, the name of an image) stays as it is, and so does what lies outside. */
export function shownPath(file: string, directory: string): string {
  if (!path.isAbsolute(file)) return file;
  const relative = path.relative(directory, file);
  if (relative === "") return ".";
  return relative.split(path.sep)[0] === ".." || path.isAbsolute(relative) ? file : relative;
}

/** The Dockerfile stands in the context, unless it says otherwise; where the context is an address it stays a path in there. */
export function dockerfilePath(
  { context, dockerfile = "Dockerfile" }: Pick<ModelBuild, "context" | "dockerfile">,
  directory: string,
): string {
  if (!path.isAbsolute(context)) return dockerfile;
  return shownPath(path.resolve(context, dockerfile), directory);
}
