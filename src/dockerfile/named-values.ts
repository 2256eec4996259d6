/** What `--build-arg` and `--build-context` are given (docs.docker.com, "docker buildx build"). */

/** `NAME=value`; a name alone has the environment's value, and none where that has none. */
export function namedValues(
  given: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const one of given) {
    const [name = "", ...value] = one.split("=");
    const text = one.includes("=") ? value.join("=") : env[name];
    if (text !== undefined) found.set(name, text);
  }
  return found;
}
