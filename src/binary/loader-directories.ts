/**
 * The directories that a build of glibc's loader searches when nothing else names one (glibc, `SYSTEM_DIRS` in `elf/dl-load.c`): a
 * list of texts in its read-only data, each ended by a zero byte. Debian's, Fedora's and Nix's differ.
 */
import type { FileBytes } from "./bytes.ts";

/** The largest loader that is looked into; Debian's has 200 kB. */
const mostBytes = 8 * 1024 * 1024;

/** Two or more absolute directories in a row, each ended by a zero byte. */
const list = /((?:\/[\w.+@/-]+\/\0){2,})/g;

/** Whether a file is a loader, by its name: `ld-linux-x86-64.so.2`, `ld-2.31.so`, `ld64.so.2`. */
export function isLoader(path: string): boolean {
  return /(?:^|\/)ld(?:-linux|64)?[\w.-]*\.so(?:\.\d+)?$/.test(path);
}

/** In the order in which they are searched; `undefined` where no such list stands in it. */
export function loaderDirectories(bytes: FileBytes): readonly string[] | undefined {
  if (bytes.size > mostBytes) return undefined;
  const whole = bytes.read({ offset: 0, length: bytes.size });
  if (whole === undefined) return undefined;
  const text = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString("latin1");
  for (const [, found = ""] of text.matchAll(list)) {
    const directories = found.split("\0").filter((directory) => directory !== "");
    if (directories.some((directory) => /\/lib/.test(directory))) return directories;
  }
  return undefined;
}
