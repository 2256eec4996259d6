/** The flag `--build-arg` of lint; build hands its own to buildx as they are. */
import { namedValues } from "../dockerfile/named-values.ts";
import { fail } from "../errors.ts";

/** A name alone has the environment's value, and is left out where that has none. @throws USAGE */
export function parseBuildArgs(
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const wrong = given.find((text) => !/^[A-Za-z_]\w*(?:=|$)/.test(text));
  if (wrong !== undefined) {
    const problem = `--build-arg ${JSON.stringify(wrong)}: write NAME=VALUE, or NAME for the environment's value.`;
    throw fail("USAGE", { problem, command: "transship lint" });
  }
  return namedValues(given, env);
}
