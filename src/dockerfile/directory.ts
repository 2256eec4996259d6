/** The directory that the instructions of a stage run in, as far as the file says it. */

/** WORKDIR of official images that set one; the others begin at the root. */
const ownDirectories: readonly (readonly [RegExp, string | undefined])[] = [
  [/(?:^|\/)golang$/, "/go"],
  [/(?:^|\/)gradle$/, "/home/gradle"],
  [/(?:^|\/)composer$/, "/app"],
  [/(?:^|\/)php$/, undefined],
  [/^(?:docker\.io\/)?(?:library\/)?[a-z0-9._-]+$|(?:^|\/)dotnet\/sdk$/, "/"],
];

/** Where an image's own instructions start; undefined for those that nobody here knows. */
export function directoryOfImage(image: string): string | undefined {
  const name = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return ownDirectories.find(([pattern]) => pattern.test(name))?.[1];
}

/** The absolute path of a word; undefined where an expansion is in it or the directory is not known. */
export function pathOf(
  value: string | undefined,
  { directory }: { readonly directory: string | undefined },
): string | undefined {
  if (value === undefined || value === "" || /[*?[~]/.test(value)) return undefined;
  if (!value.startsWith("/") && directory === undefined) return undefined;
  const parts: string[] = [];
  for (const part of `${value.startsWith("/") ? "" : directory}/${value}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
