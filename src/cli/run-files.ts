/** The files that a container is given beside its image: secrets and configurations, read from where compose.yaml says they are. */
import { readFile, stat } from "node:fs/promises";
import type { DeployedService } from "../config/deployment.ts";
import type { ContainerFile } from "../deploy/run-arguments.ts";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";

/** Bytes; docker's own limit for a secret is half of it (moby/swarmkit, MaxSecretSize). */
const most = 1_000_000;

/** @throws SECRET_UNREADABLE, which tells no content */
export async function readRunFiles(
  { secrets, configs }: Pick<DeployedService, "secrets" | "configs">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly ContainerFile[]> {
  const wanted = [
    ...secrets.map((file) => ({ kind: "secret", file })),
    ...configs.map((file) => ({ kind: "config", file })),
  ];
  return await Promise.all(
    wanted.map(async ({ kind, file: { name, target, source } }, n) => ({
      name: `${n}-${kind}`,
      target,
      content: await contentOf({ name, source }, env),
    })),
  );
}

async function contentOf(
  { name, source }: Pick<DeployedService["secrets"][number], "name" | "source">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if ("content" in source) return source.content;
  if ("variable" in source) {
    const value = env[source.variable];
    if (value !== undefined) return value;
    throw fail("SECRET_UNREADABLE", {
      name,
      problem: `the variable ${source.variable} is not set`,
    });
  }
  const { file } = source;
  try {
    const { size } = await stat(file);
    if (size > most)
      throw fail("SECRET_UNREADABLE", {
        name,
        problem: `${file} has ${size} bytes, ${most} at most`,
      });
    const bytes = await readFile(file);
    const text = bytes.toString("utf8");
    // It goes as the words of a shell, which have no NUL; and no byte may become another.
    if (text.includes("\0") || !Buffer.from(text).equals(bytes))
      throw fail("SECRET_UNREADABLE", { name, problem: `${file} is no text (encode it: base64)` });
    return text;
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "EACCES", "EISDIR")) throw error;
    throw fail("SECRET_UNREADABLE", { name, problem: `${file} cannot be read` }, { cause: error });
  }
}
