/** The files that Compose reads here, and their text: what it was told by `COMPOSE_FILE`, else what it finds by name. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { parseEnv } from "node:util";
import { fail, isFailure } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";

/** Where Compose looks for a project's file, in its order (compose-spec/compose-go, cli/options.go). */
export const composeFiles = [
  "compose.yaml",
  "compose.yml",
  "docker-compose.yml",
  "docker-compose.yaml",
];

const overrideFiles = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/** Most bytes of such a file. */
export const largest = 1024 * 1024;

export interface SourceFile {
  /** As Compose was told it, or as it stands in the working directory. */
  readonly name: string;
  readonly text: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Compose would go on looking in the directories above; a build is of the directory that it is typed in. */
export async function composeFileNames(env: Environment): Promise<readonly string[]> {
  const known = { ...(await dotEnv()), ...env };
  const named = known["COMPOSE_FILE"] ?? "";
  if (named !== "") {
    const separator = known["COMPOSE_PATH_SEPARATOR"] || path.delimiter;
    return named.split(separator).filter((name) => name !== "");
  }
  const main = await firstOf(composeFiles);
  if (main === undefined) return [];
  const override = await firstOf(overrideFiles);
  return override === undefined ? [main] : [main, override];
}

/** What of them can be read; what is missing, or stands on another machine, is Compose's to say. @throws COMPOSE_INVALID */
export async function readSources(names: readonly string[]): Promise<readonly SourceFile[]> {
  const sources: SourceFile[] = [];
  for (const name of names) {
    const text = await readWhole(name);
    if (text !== undefined) sources.push({ name, text });
  }
  return sources;
}

async function readWhole(name: string): Promise<string | undefined> {
  try {
    const found = await stat(name);
    if (!found.isFile()) throw fail("COMPOSE_INVALID", { file: name, problem: "it is no file." });
    const text = await beginningOf(name);
    if (Buffer.byteLength(text) <= largest) return text;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    if (isFailure(error)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw fail("COMPOSE_INVALID", { file: name, problem }, { cause: error });
  }
  throw fail("COMPOSE_INVALID", { file: name, problem: "it is larger than 1 MiB." });
}

/** As much of it as may be, and one byte more where there is more: a device has no end. */
export async function beginningOf(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  const source: AsyncIterable<Buffer> = createReadStream(file, { end: largest });
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Compose takes its own variables from there too. One that cannot be read is Compose's to say. */
async function dotEnv(): Promise<Environment> {
  const found = await stat(".env").catch(() => undefined);
  return found?.isFile() === true ? parseEnv(await beginningOf(".env").catch(() => "")) : {};
}

async function firstOf(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    if ((await stat(name).catch(() => undefined)) !== undefined) return name;
  }
  return undefined;
}
