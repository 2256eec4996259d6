/** A page of the documents that is written from the source; with `--check` it is only compared. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Writes the page, or sets exit code 1 where `--check` finds it otherwise. `command` is what writes it. */
export async function writePage(page: string, wanted: string, command: string): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const file = path.join(root, page);
  if (!values.check) {
    await writeFile(file, wanted);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== wanted) {
    process.stderr.write(`${page} is not current. Write it anew: ${command}\n`);
    process.exitCode = 1;
  }
}
