/** Answers that builds ask for again and again, kept for a while beside the store: what a machine is, for which platforms an image exists. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { answersDirectory } from "./directory.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const memory = z.object({
  key: z.string(),
  /** Milliseconds since 1970. */
  asked: z.number(),
  lines: z.array(z.string()),
});

export interface Remembering {
  /** The question, with all that its answer depends on. */
  readonly key: string;
  /** How long an answer counts. */
  readonly forMs: number;
  readonly env: Environment;
}

/** The answer that is kept, else `ask`'s, which is then kept. An empty one is not. @throws what `ask` throws */
export async function remembered(
  { key, forMs, env }: Remembering,
  ask: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const kept = await recall({ key, forMs, env });
  if (kept !== undefined) return kept;
  const lines = await ask();
  if (lines.length > 0) await keep(key, lines, env);
  return lines;
}

/** So that the next question is asked. */
export async function forget(key: string, env: Environment): Promise<void> {
  await rm(fileOf(key, env), { force: true }).catch(() => {});
}

/** The answer that is kept and still counts. */
export async function recall({
  key,
  forMs,
  env,
}: Remembering): Promise<readonly string[] | undefined> {
  const kept = await read(key, env);
  const age = kept === undefined ? Number.NaN : Date.now() - kept.asked;
  return age >= 0 && age < forMs ? kept?.lines : undefined;
}

async function read(key: string, env: Environment) {
  try {
    const kept = memory.parse(JSON.parse(await readFile(fileOf(key, env), "utf8")));
    return kept.key === key ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written is no reason to fail. A half-written file does not parse, and is asked anew. */
export async function keep(key: string, lines: readonly string[], env: Environment): Promise<void> {
  const file = fileOf(key, env);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ key, asked: Date.now(), lines }), { mode: 0o600 });
  } catch {
    // Asked again next time.
  }
}

function fileOf(key: string, env: Environment): string {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 16);
  return path.join(answersDirectory(env), `${name}.json`);
}
