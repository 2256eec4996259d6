/** Directories for the tests, removed when the test has ended. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

/** A new, empty directory. Absolute. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  t.after(async () => {
    // A test may have taken its own right to write there.
    await chmod(directory, 0o700).catch(() => {});
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return directory;
}

/** One with these files, whose names may have directories in them. */
export async function directoryWith(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const directory = await temporaryDirectory(t);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return directory;
}
