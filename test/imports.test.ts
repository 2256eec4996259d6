/** Imports run one way, and in no circle (see "How the code is laid out" in CONTRIBUTING.md). */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Lowest first: a folder may import from its own row and from rows above it in this list. */
const rows: readonly (readonly string[])[] = [
  ["errors"],
  ["platform", "process", "oci"],
  ["probe", "binary", "filesystem", "store", "registry", "engine", "context"],
  ["server", "builder", "shell", "dockerfile", "build-context", "image"],
  ["setup", "lint", "build", "verify", "compat", "ship", "deploy", "doctor"],
  ["config", "report"],
  ["cli"],
  ["main", "index"],
];
const verbs = new Set(rows[4]);
const source = fileURLToPath(new URL("../src/", import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports = await readImports();

test("every folder of src/ has its place in the order", () => {
  const unplaced = new Set(
    imports.map(({ from }) => folderOf(from)).filter((name) => rowOf(name) < 0),
  );
  assert.deepEqual([...unplaced], []);
});

test("no import goes up", () => {
  const wrong = imports.filter(({ from, to }) => rowOf(folderOf(to)) > rowOf(folderOf(from)));
  assert.deepEqual(wrong, []);
});

test("a verb imports another verb through its public function only", () => {
  // Of one image, and of a project's.
  const alsoPublic = new Set(["build/services.ts"]);
  const wrong = imports.filter(({ from, to }) => {
    const [own, other] = [folderOf(from), folderOf(to)];
    if (own === other || !verbs.has(own) || !verbs.has(other)) return false;
    return to !== `${other}/${other}.ts` && !alsoPublic.has(to);
  });
  assert.deepEqual(wrong, []);
});

test("docker's flags are known to engine/ alone: nothing else starts a process but through it, the runner and ssh", async () => {
  const allowed = /^(?:process|engine|registry|probe|compat)\//;
  const wrong: string[] = [];
  for (const file of await sourceFiles()) {
    const text = await readFile(path.join(source, file), "utf8");
    if (/from "(?:node:child_process|execa)"|import\("execa"\)/.test(text) && !allowed.test(file))
      wrong.push(file);
  }
  assert.deepEqual(wrong, []);
});

function folderOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : file.replace(/\.ts$/, "");
}

function rowOf(folder: string): number {
  return rows.findIndex((row) => row.includes(folder));
}

async function sourceFiles(): Promise<readonly string[]> {
  const files = await readdir(source, { recursive: true });
  return files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
}

async function readImports(): Promise<readonly Import[]> {
  const found: Import[] = [];
  for (const from of await sourceFiles()) {
    const text = await readFile(path.join(source, from), "utf8");
    for (const [, target = ""] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
      found.push({ from, to: path.posix.join(path.posix.dirname(from), target) });
    }
  }
  return found;
}
