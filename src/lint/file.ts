/** Dockerfiles on disk: read within bounds, and replaced as a whole. */
import { isUtf8 } from "node:buffer";
import {
  access,
  constants,
  type FileHandle,
  open,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import path from "node:path";
import { limits } from "../dockerfile/syntax.ts";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";

/** No more bytes of it than tell that it is too large. */
export const mostBytes = limits.length * 3 + 4;

export interface DockerfileText {
  readonly content: string;
  /** Whether the same bytes come out when it is written: it was read to its end, and is UTF-8. */
  readonly isExact: boolean;
}

/** Of the bytes that came first, at most one more than {@link mostBytes} are looked at. */
export function dockerfileText(bytes: Buffer): DockerfileText {
  return {
    content: bytes.toString("utf8", 0, Math.min(bytes.length, mostBytes)),
    isExact: bytes.length <= mostBytes && isUtf8(bytes),
  };
}

/** @throws DOCKERFILE_MISSING, DOCKERFILE_UNREADABLE */
export async function readDockerfile(file: string): Promise<DockerfileText> {
  try {
    await using handle = await open(file);
    return dockerfileText(await readBytes(handle));
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) {
      throw fail("DOCKERFILE_MISSING", { dockerfile: file });
    }
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw fail("DOCKERFILE_UNREADABLE", { dockerfile: file, reason });
  }
}

/** Asks for more until there is none: a pipe has no size. */
async function readBytes(handle: FileHandle): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  const pieces: Buffer[] = [];
  let length = 0;
  while (length <= mostBytes) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) break;
    pieces.push(Buffer.from(buffer.subarray(0, bytesRead)));
    length += bytesRead;
  }
  return Buffer.concat(pieces);
}

/**
 * Puts a whole new file in the place of the old one, with its mode and, where that is allowed, its owner. What a link leads to is replaced,
 * and the link stays.
 *
 * @throws DOCKERFILE_NOT_WRITABLE
 */
export async function replaceDockerfile(file: string, content: string): Promise<void> {
  try {
    const facts = await stat(file);
    if (!facts.isFile()) throw notWritable(file, "it is no regular file");
    const target = await realpath(file);
    await access(target, constants.W_OK);
    const { randomBytes } = await import("node:crypto");
    const fresh = path.join(
      path.dirname(target),
      `.${path.basename(target)}.${randomBytes(4).toString("hex")}`,
    );
    try {
      await writeNew(fresh, content, facts);
      await rename(fresh, target);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  } catch (error) {
    const reason = reasonOf(error);
    throw reason === undefined ? error : notWritable(file, reason);
  }
}

async function writeNew(
  file: string,
  content: string,
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
): Promise<void> {
  await using handle = await open(file, "wx", 0o600);
  await handle.writeFile(content);
  // Only root may give a file away.
  await handle.chown(uid, gid).catch(() => {});
  await handle.chmod(mode & 0o7777);
  await handle.sync();
}

function notWritable(dockerfile: string, reason: string) {
  return fail("DOCKERFILE_NOT_WRITABLE", { dockerfile, reason });
}

const reasons: Readonly<Record<string, string>> = {
  EISDIR: "it is a directory",
  EACCES: "you have no right to",
  EPERM: "you have no right to",
  EROFS: "its file system is read-only",
  ENOSPC: "there is no room left on its disk",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links lead in a circle",
};

/** Why the system refused, in a clause; undefined for what is no refusal of the system's. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) return undefined;
  return reasons[String(error.code)] ?? error.message;
}
