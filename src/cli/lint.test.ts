import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { temporaryDirectory } from "../../test/directory.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const bad = "FROM alpine\r\nARG TARGETARCH=amd64\r\nRUN echo $TARGETOS\r\n";
const mended = "FROM alpine\r\nARG TARGETOS\r\nARG TARGETARCH\r\nRUN echo $TARGETOS\r\n";
const place = z.looseObject({ rule: z.string(), file: z.string(), line: z.int() });
const document = z.looseObject({
  command: z.literal("lint"),
  subject: z.string(),
  outcome: z.string(),
  findings: z.array(place),
  fixed: z.optional(z.array(place)),
  diff: z.optional(z.string()),
  output: z.optional(z.string()),
});

/** A directory with a Dockerfile. */
async function project(t: TestContext, text: string | Buffer = bad): Promise<string> {
  const directory = await temporaryDirectory(t);
  await writeFile(path.join(directory, "Dockerfile"), text);
  return directory;
}

/** Whether an engine is there does not matter. */
async function lint(cwd: string, args: readonly string[], input: string | Buffer = "") {
  return await ended(cwd, process.execPath, [main, "lint", "--no-buildkit", ...args], input);
}

async function ended(
  cwd: string,
  program: string,
  args: readonly string[],
  input: string | Buffer = "",
) {
  const { promise, resolve } = Promise.withResolvers<{
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
  }>();
  const child = execFile(program, args, { cwd }, (_error, stdout, stderr) => {
    resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
  });
  // A run that refuses its command line does not read.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  return await promise;
}

test("errors are told with their lines, and are exit code 1", async (t) => {
  const { exitCode, stdout, stderr } = await lint(await project(t), []);
  assert.deepEqual([exitCode, stderr], [1, ""]);
  assert.match(stdout, /^error\[R1\] Dockerfile:2:5 \(linux\/arm64\)$/m);
  assert.match(stdout, /^Dockerfile: 2 errors; --fix mends 2 of them$/m);
});

test("standard output holds the document alone, of a file and of standard input", async (t) => {
  const cwd = await project(t);
  for (const args of [["Dockerfile"], ["--stdin", "--stdin-filename", "Dockerfile"]]) {
    const json = await lint(cwd, [...args, "--json"], bad);
    assert.deepEqual([json.exitCode, json.stderr], [1, ""]);
    const { subject, outcome, findings } = document.parse(JSON.parse(json.stdout));
    assert.deepEqual([subject, outcome], ["Dockerfile", "errors"]);
    assert.deepEqual(
      findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`),
      ["R1 Dockerfile:2", "R11 Dockerfile:3"],
    );
  }
  const sarif = await lint(cwd, ["Dockerfile", "--format", "sarif"]);
  assert.deepEqual([sarif.exitCode, sarif.stderr], [1, ""]);
  const log = z.object({ runs: z.array(z.object({ results: z.array(z.unknown()) })) });
  assert.equal(log.parse(JSON.parse(sarif.stdout)).runs[0]?.results.length, 2);
  const github = await lint(cwd, ["--stdin", "--format=github"], bad);
  assert.deepEqual([github.exitCode, github.stderr], [1, ""]);
  assert.match(github.stdout, /^(?:::error file=Dockerfile,line=[23],.*\n){2}$/);
});

test("what is clean is exit code 0, and nothing where that was asked for", async (t) => {
  const cwd = await project(t, "FROM alpine\n");
  const { exitCode, stdout } = await lint(cwd, []);
  assert.deepEqual([exitCode, stdout], [0, "Dockerfile: nothing speaks against it.\n"]);
  assert.deepEqual(await lint(cwd, ["--quiet"]), { exitCode: 0, stdout: "", stderr: "" });
});

test("--fix --dry-run shows a diff and writes nothing", async (t) => {
  const cwd = await project(t);
  const { exitCode, stdout } = await lint(cwd, ["--fix", "--dry-run"]);
  assert.equal(exitCode, 1);
  const diff =
    "--- Dockerfile\n+++ Dockerfile\n@@ -1,3 +1,4 @@\n FROM alpine\r\n-ARG TARGETARCH=amd64\r\n+ARG TARGETOS\r\n+ARG TARGETARCH\r\n RUN echo $TARGETOS\r\n";
  assert.ok(stdout.startsWith(diff), stdout);
  const json = document.parse(
    JSON.parse((await lint(cwd, ["--fix", "--dry-run", "--json"])).stdout),
  );
  assert.equal(json.diff, diff);
  assert.deepEqual([json.findings.length, json.fixed?.length], [2, 2]);
  assert.equal(await readFile(path.join(cwd, "Dockerfile"), "utf8"), bad);
});

test("--fix writes what is mended and nothing else, with the mode of the file, through a link", async (t) => {
  const cwd = await project(t);
  const file = path.join(cwd, "Dockerfile");
  await chmod(file, 0o640);
  await symlink("Dockerfile", path.join(cwd, "link"));
  await writeFile(path.join(cwd, "fine"), "FROM alpine\n");
  const { mtimeMs } = await stat(path.join(cwd, "fine"));
  const { exitCode, stdout, stderr } = await lint(cwd, ["--fix", "link", "fine"]);
  assert.deepEqual([exitCode, stderr], [0, ""]);
  assert.match(stdout, /^fixed\[R1\] link:2:5 {2}Declare it without a default: ARG TARGETARCH$/m);
  assert.match(stdout, /^2 files: 2 fixed, nothing else speaks against it\.$/m);
  assert.equal(await readFile(file, "utf8"), mended);
  assert.equal((await stat(file)).mode & 0o777, 0o640);
  assert.ok((await lstat(path.join(cwd, "link"))).isSymbolicLink());
  assert.equal((await stat(path.join(cwd, "fine"))).mtimeMs, mtimeMs);
  assert.deepEqual((await readdir(cwd)).toSorted(), ["Dockerfile", "fine", "link"]);
});

test("the exit code of --fix is by what remains, and JSON says what was fixed", async (t) => {
  const cwd = await project(t, bad.replace("FROM", "FROM --platform=linux/s390x"));
  const { exitCode, stdout } = await lint(cwd, ["--fix", "--json"]);
  const { outcome, findings, fixed } = document.parse(JSON.parse(stdout));
  assert.deepEqual([exitCode, outcome], [1, "errors"]);
  assert.deepEqual(
    [findings, fixed ?? []].map((some) => some.map(({ rule }) => rule)),
    [["R3"], ["R1", "R11"]],
  );
});

test("--stdin --fix is a filter: the mended text on standard output, what remains on standard error", async (t) => {
  const cwd = await temporaryDirectory(t);
  const filter = ["--stdin", "--fix"];
  assert.deepEqual(await lint(cwd, filter, bad), { exitCode: 0, stdout: mended, stderr: "" });
  const unended = "FROM alpine\n# the end ";
  assert.equal((await lint(cwd, filter, unended)).stdout, unended);
  const rest = await lint(cwd, filter, "FROM --platform=linux/s390x alpine");
  assert.deepEqual([rest.exitCode, rest.stdout], [1, "FROM --platform=linux/s390x alpine"]);
  assert.match(rest.stderr, /^error\[R3\] Dockerfile:1:6$/m);
  const json = document.parse(JSON.parse((await lint(cwd, [...filter, "--json"], bad)).stdout));
  assert.deepEqual([json.output, json.fixed?.length, json.findings], [mended, 2, []]);
});

test("a text that does not come out as it came in is not mended", async (t) => {
  const latin = Buffer.from(bad.replace("echo", "echo \u00E4"), "latin1");
  const cwd = await project(t, latin);
  const large = `FROM alpine\n${"#\n".repeat(2_000_000)}`;
  for (const [args, input, reason] of [
    [["--fix"], "", "it is no UTF-8"],
    [["--fix", "--stdin"], large, "it is too large"],
  ] as const) {
    const { exitCode, stdout, stderr } = await lint(cwd, args, input);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.ok(
      stderr.startsWith(`error[DOCKERFILE_UNREADABLE]: `) && stderr.includes(reason),
      stderr,
    );
  }
  assert.deepEqual(await readFile(path.join(cwd, "Dockerfile")), latin);
  assert.match((await lint(cwd, ["--stdin"], large)).stdout, /it has more than \d+ characters/);
});

test("what cannot be read is told, and nothing is written where one of several cannot", async (t) => {
  const cwd = await project(t);
  await mkdir(path.join(cwd, "web"));
  for (const [args, code] of [
    [["nowhere"], "DOCKERFILE_MISSING"],
    [["--fix", "Dockerfile", "web"], "DOCKERFILE_UNREADABLE"],
    [["--stdin", "Dockerfile"], "USAGE"],
    [["--dry-run"], "USAGE"],
  ] as const) {
    const { exitCode, stdout, stderr } = await lint(cwd, args);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.ok(stderr.startsWith(`error[${code}]: `), stderr);
  }
  assert.equal(await readFile(path.join(cwd, "Dockerfile"), "utf8"), bad);
  const json = await lint(cwd, ["--json", "nowhere"]);
  const failure = z.object({ error: z.looseObject({ code: z.string() }) });
  assert.equal(failure.parse(JSON.parse(json.stdout)).error.code, "DOCKERFILE_MISSING");
});

test(
  "a file that may not be read or written is told",
  { skip: process.getuid?.() === 0 ? "root may read and write everything" : false },
  async (t) => {
    const cwd = await project(t);
    await chmod(path.join(cwd, "Dockerfile"), 0o444);
    const written = await lint(cwd, ["--fix"]);
    assert.equal(written.exitCode, 4);
    assert.match(written.stderr, /^error\[DOCKERFILE_NOT_WRITABLE\]: /);
    await chmod(path.join(cwd, "Dockerfile"), 0);
    const read = await lint(cwd, []);
    assert.match(read.stderr, /^error\[DOCKERFILE_UNREADABLE\]: .*: you have no right to\.$/m);
  },
);

test("a pipe is read to its end", async (t) => {
  const cwd = await project(t);
  const piped = async (...args: readonly string[]) => {
    const line = 'cat Dockerfile | "$0" "$@"';
    return await ended(cwd, "/bin/sh", ["-c", line, process.execPath, main, "lint", ...args]);
  };
  const { exitCode, stdout } = await piped("/dev/stdin");
  assert.equal(exitCode, 1);
  assert.match(stdout, /^error\[R1\] \/dev\/stdin:2:5/m);
  const { stderr } = await piped("--fix", "/dev/stdin");
  assert.match(stderr, /^error\[DOCKERFILE_NOT_WRITABLE\]: .*: it is no regular file\.$/m);
});

test("a name with control characters does not reach the terminal as it is", async (t) => {
  const { stderr } = await lint(await temporaryDirectory(t), ["a\u001B[31mb"]);
  assert.match(stderr, /^error\[DOCKERFILE_MISSING\]: There is no Dockerfile at a·\[31mb\.$/m);
});
