/** The variables that a container gets by `--env` and `--env-file`, as docker reads them (docker/cli, pkg/kvfile). */
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";

export interface EnvironmentFlags {
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly read: (file: string) => Promise<string>;
  readonly command: string;
}

/** Files first, then flags; what comes later goes before. @throws USAGE, which tells no value */
export async function environmentOf(
  { env: flags = [], envFile = [] }: EnvironmentFlags,
  surroundings: Surroundings,
): Promise<Readonly<Record<string, string>>> {
  const { command } = surroundings;
  const variables = new Map<string, string>();
  for (const file of envFile) {
    const text = await readFile(file, surroundings);
    for (const [n, line] of text.split(/\r?\n/).entries()) {
      const trimmed = line.trimStart();
      if (trimmed === "" || trimmed.startsWith("#")) continue;
      add(variables, trimmed, `${file}:${n + 1}`, surroundings);
    }
  }
  for (const flag of flags) add(variables, flag, "--env", surroundings);
  if (variables.has("")) throw fail("USAGE", { problem: "A variable has no name.", command });
  return Object.fromEntries(variables);
}

/** `NAME=value`, or a name alone for the value that it has here; docker leaves out one that has none, we say so. */
function add(
  variables: Map<string, string>,
  text: string,
  where: string,
  { env, command }: Surroundings,
): void {
  const at = text.indexOf("=");
  const name = at === -1 ? text : text.slice(0, at);
  if (name === "" || /\s/.test(name))
    throw fail("USAGE", { problem: `${where} names no variable: write NAME=VALUE.`, command });
  const value = at === -1 ? env[name] : text.slice(at + 1);
  if (value === undefined) {
    // In a file it may be the next line of a value, which nobody is to read.
    const problem =
      where === "--env"
        ? `The variable ${name} (--env) is not set here.`
        : `The variable that ${where} names is not set here: write NAME=VALUE.`;
    throw fail("USAGE", { problem, command });
  }
  variables.set(name, value);
}

async function readFile(file: string, { read, command }: Surroundings): Promise<string> {
  try {
    return await read(file);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "EACCES", "EISDIR")) throw error;
    const problem = `The file ${file} (--env-file) cannot be read.`;
    throw fail("USAGE", { problem, command }, { cause: error });
  }
}
