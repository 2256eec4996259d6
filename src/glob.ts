/** Patterns of names with slashes in them: paths of an image, names of a store. */

/** A glob as a regular expression: `*` and `?` stand for anything but a slash, `**` for anything, and `**` with a slash for any directories or none. */
export function globExpression(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/?|\*|\?|[^*?]+/g, (part) => {
    if (part.startsWith("**")) return part.endsWith("/") ? "(?:.*/)?" : ".*";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, "s");
}
