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
  if ("content" in source) return checked(source.content, { name, from: "its content" });
  if ("variable" in source) {
    const value = env[source.variable];
    if (value !== undefined) return checked(value, { name, from: source.variable });
    throw fail("SECRET_UNREADABLE", {
      name,
      problem: `the variable ${source.variable} is not set`,
    });
  }
  const { file } = source;
  try {
    const { size } = await stat(file);
    if (size > most) throw tooLong(name, file, size);
    const bytes = await readFile(file);
    const text = bytes.toString("utf8");
    // No byte may become another.
    if (!Buffer.from(text).equals(bytes)) throw noText(name, file);
    return checked(text, { name, from: file });
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "EACCES", "EISDIR")) throw error;
    throw fail("SECRET_UNREADABLE", { name, problem: `${file} cannot be read` }, { cause: error });
  }
}

/** It goes as the words of a shell, which have no NUL. */
function checked(
  text: string,
  { name, from }: { readonly name: string; readonly from: string },
): string {
  const size = Buffer.byteLength(text);
  if (size > most) throw tooLong(name, from, size);
  if (text.includes("\0")) throw noText(name, from);
  return text;
}

function tooLong(name: string, from: string, size: number) {
  const problem = `${from} has ${size} bytes, ${most} at most`;
  return fail("SECRET_UNREADABLE", { name, problem });
}

function noText(name: string, from: string) {
  return fail("SECRET_UNREADABLE", { name, problem: `${from} is no text (encode it: base64)` });
}
