/** What a build is made of, as far as it can be read from here before it begins. */
import { open, stat } from "node:fs/promises";
import { isContextAddress } from "../build-context/address.ts";
import { type Dockerfile, parseDockerfile } from "../dockerfile/syntax.ts";
import { fail } from "../errors.ts";
import type { BuildRequest } from "./request.ts";

export interface BuildSource {
  /** Absent where it is not a file of this machine, or cannot be read. */
  readonly dockerfile?: Dockerfile;
  /** Its text, for who shows a part of it. */
  readonly text?: string;
}

/** BuildKit takes no larger one (moby/buildkit, `frontend/dockerfile/parser`: it reads lines of 64 KiB). */
const largestDockerfile = 16 * 1024 * 1024;

/** Reads the Dockerfile. A context may also be an address that buildx fetches; then nothing is read. @throws CONTEXT_MISSING, DOCKERFILE_MISSING */
export async function readSource({ context, dockerfile }: BuildRequest): Promise<BuildSource> {
  if (isContextAddress(context)) return {};
  const found = await stat(context).catch(() => undefined);
  if (found?.isDirectory() !== true) throw fail("CONTEXT_MISSING", { context });
  if (dockerfile === "-") return {};
  const file = await stat(dockerfile).catch(() => undefined);
  if (file === undefined || file.isDirectory()) throw fail("DOCKERFILE_MISSING", { dockerfile });
  if (!file.isFile() || file.size > largestDockerfile) return {};
  const text = await readText(dockerfile, file.size);
  return text === undefined ? {} : { text, dockerfile: parseDockerfile(text) };
}

/** What BuildKit cannot read, it says better than we do. */
async function readText(file: string, size: number): Promise<string | undefined> {
  const handle = await open(file).catch(() => undefined);
  try {
    const read = await handle?.read({ buffer: Buffer.alloc(size) });
    return read?.buffer.toString("utf8", 0, read.bytesRead);
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}
