/** What a script prints about several things, each under a heading. */

const heading = "=transship ";

/** The command that prints the heading of what follows. */
export function section(name: string): string {
  return `echo '${heading}${name}'`;
}

/** What was printed under each heading; nothing where a command printed nothing. */
export function readSections(output: string): Readonly<Record<string, string>> {
  const [, ...parts] = `\n${output}`.split(`\n${heading}`);
  return Object.fromEntries(
    parts.map((part) => {
      const end = part.indexOf("\n");
      return end === -1 ? [part, ""] : [part.slice(0, end), part.slice(end + 1)];
    }),
  );
}
