/** `transship lint`: of a project with very many Dockerfiles, and of the one that an editor has open. */
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LocalBenchmark } from "./benchmark.ts";
import { runs } from "./measure.ts";
import { root } from "./setting.ts";

const main = path.join(root, "dist", "main.js");
/** Correct Dockerfiles of many kinds: a run that finds nothing ends with 0. */
const originals = path.join(root, "test", "lint", "good");
const count = 500;
/** One of 55 lines. */
const opened = "golang-official-like.Dockerfile";

export const lint: LocalBenchmark = {
  name: "lint",
  rounds: 11,
  on: "no-engine",
  async measure({ signal }, rounds) {
    const directory = await mkdtemp(path.join(tmpdir(), "transship-bench-"));
    try {
      const files = await writeDockerfiles(directory);
      const many = { argv: [process.execPath, main, "lint", ...files] };
      const one = {
        argv: [process.execPath, main, "lint", "--stdin", "--stdin-filename", "Dockerfile"],
        input: () => createReadStream(path.join(originals, opened)),
        // With nothing beside it: how long a look at the context takes is the project's affair.
        cwd: path.join(directory, "0"),
      };
      return [
        {
          outcome: "measured",
          what: `\`transship lint\` of ${count} Dockerfiles`,
          ours: await runs({ ...many, cwd: directory }, { rounds, signal }),
          theirs: [],
          target: { kind: "under", ms: 3000 },
        },
        {
          outcome: "measured",
          what: "`transship lint --stdin --stdin-filename` of one, as editors ask",
          ours: await runs(one, { rounds: rounds * 3, signal }),
          theirs: [],
          target: { kind: "under", ms: 100 },
        },
      ];
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** Each in a directory of its own, no two alike. */
async function writeDockerfiles(directory: string): Promise<readonly string[]> {
  const names = (await readdir(originals))
    .filter((name) => name.endsWith(".Dockerfile"))
    .toSorted();
  const texts = await Promise.all(
    names.map(async (name) => await readFile(path.join(originals, name), "utf8")),
  );
  const files = Array.from({ length: count }, (_, at) => path.join(String(at), "Dockerfile"));
  for (const [at, file] of files.entries()) {
    await mkdir(path.join(directory, String(at)));
    await writeFile(path.join(directory, file), `${texts[at % texts.length]}LABEL bench="${at}"\n`);
  }
  return files;
}
