/** `transship lint`: of a project with very many Dockerfiles, and of the one that an editor has open. */
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
        // An editor has it in its memory.
        input: await readFile(path.join(originals, opened), "utf8"),
        // With nothing beside it.
        cwd: path.join(directory, "0"),
      };
      const project = await writeProject(path.join(directory, "project"));
      const installing = {
        ...one,
        cwd: project,
        input: await readFile(path.join(project, "Dockerfile"), "utf8"),
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
        {
          outcome: "measured",
          what: `the same of one that installs, in a project of ${projectFiles} files with a lock file of ${packages} packages`,
          ours: await runs(installing, { rounds: rounds * 3, signal }),
          theirs: [],
          target: { kind: "under", ms: 100 },
        },
      ];
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

const [projectFiles, packages] = [1000, 2000];

/** One of Node: its sources in directories of ten, and a lock file of npm. */
async function writeProject(directory: string): Promise<string> {
  const write = async (name: string, text: string) => {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  const entry = {
    version: "1.0.0",
    resolved: "https://registry.example.org/a.tgz",
    license: "MIT",
  };
  const names = Array.from({ length: packages }, (_, at) => `node_modules/package-${at}`);
  const locked = Object.fromEntries(names.map((name) => [name, entry]));
  await write("package-lock.json", JSON.stringify({ lockfileVersion: 3, packages: locked }));
  await write("package.json", "{}");
  await write(".dockerignore", "node_modules\n");
  await write(
    "Dockerfile",
    'FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nCMD ["node", "src/0/0.js"]\n',
  );
  for (let at = 0; at < projectFiles; at += 1) {
    await write(path.join("src", String(Math.floor(at / 10)), `${at}.js`), "");
  }
  return directory;
}

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
