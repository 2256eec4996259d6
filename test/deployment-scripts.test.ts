/** The drop-in scripts: their help, their refusals, what they hand to the command line, and how they end. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./directory.ts";

const source = fileURLToPath(new URL("../scripts/deployment/", import.meta.url));
const scripts = (await readdir(source)).filter((file) => /-.*\.sh$/.test(file));
const names = [
  "build-amd64-image.sh",
  "setup-buildx-multiarch.sh",
  "test-amd64-compatibility.sh",
  "test-buildx-system.sh",
  "validate-image-architecture.sh",
];

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function run(script: string, args: readonly string[], { cwd = "/", env = {} }: RunOptions = {}) {
  const node = path.dirname(process.execPath);
  const { status, stdout, stderr } = spawnSync(script, args, {
    cwd,
    encoding: "utf8",
    // The scripts want Node on PATH where they are installed as a package; colour is asked for by a test alone.
    env: { PATH: `${node}:${process.env["PATH"]}`, HOME: "/nonexistent", ...env },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** The scripts as a package has them, over a command line that shows how it was called: `cwd`, then the arguments. */
async function packaged(t: TestContext, main: string): Promise<string> {
  const root = await realpath(await temporaryDirectory(t));
  await cp(source, path.join(root, "scripts", "deployment"), { recursive: true });
  await mkdir(path.join(root, "dist"));
  await writeFile(path.join(root, "package.json"), '{"type":"module"}');
  await writeFile(path.join(root, "dist", "main.js"), main);
  return path.join(root, "scripts", "deployment");
}

const showCall = "console.log(JSON.stringify([process.cwd(), ...process.argv.slice(2)]))";

test("the scripts have the names of the shell version", () => {
  assert.deepEqual(new Set(scripts), new Set(names));
});

for (const name of names) {
  const script = path.join(source, name);

  test(`${name} -h shows its flags and examples, and no colour where there is no terminal`, () => {
    for (const flag of ["-h", "--help"]) {
      const { status, stdout, stderr } = run(script, [flag]);
      assert.equal(status, 0);
      assert.equal(stderr, "");
      assert.match(stdout, new RegExp(`^Usage: ${name} .*Examples:\n  ${name}`, "s"));
      assert.ok(!stdout.includes("\u001B"));
    }
    assert.ok(run(script, ["-h"], { env: { FORCE_COLOR: "1" } }).stdout.includes("\u001B[1m"));
  });

  test(`${name} refuses what it does not know`, () => {
    for (const unknown of ["--no-such-flag", "-Z", "stray"]) {
      const { status, stdout, stderr } = run(script, [unknown]);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^error: There is no flag .*\n {2}→ .*--help\n$/);
    }
  });
}

test("a flag without its value is refused", () => {
  const withValues = { "build-amd64-image.sh": "-t", "validate-image-architecture.sh": "-a" };
  for (const [name, flag] of Object.entries(withValues)) {
    const { status, stderr } = run(path.join(source, name), [flag]);
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`The flag ${flag} wants a value`));
  }
});

test("flags reach the command line as they were given, in the caller's directory", async (t) => {
  const directory = await packaged(t, showCall);
  const elsewhere = await realpath(await temporaryDirectory(t));
  const call = (name: string, args: readonly string[]): unknown => {
    const { status, stdout, stderr } = run(path.join(directory, name), args, { cwd: elsewhere });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  const calls: readonly (readonly [script: string, given: string, handedOn: string])[] = [
    ["setup-buildx-multiarch.sh", "", "setup"],
    [
      "setup-buildx-multiarch.sh",
      "--builder b --use --recreate --verbose",
      "setup --builder=b --use --recreate --verbose",
    ],
    ["build-amd64-image.sh", "", "build --platform linux/amd64 --image=rustci"],
    [
      "build-amd64-image.sh",
      "-i app -t 1 -f D -c sub --no-cache --push --registry r:5000 -- --label a=b",
      "build --platform linux/amd64 --image=app --tag=1 --dockerfile=D --context=sub --no-cache --push --registry=r:5000 -- --label a=b",
    ],
    [
      "test-amd64-compatibility.sh",
      "-i app:1 -n c -p 0 -t 9 -w 5 --no-cleanup --quick --verbose",
      "test --image=app:1 --platform linux/amd64 --name=c --port=0 --timeout=9 --wait=5 --no-cleanup --quick --verbose",
    ],
    ["test-buildx-system.sh", "--clean", "doctor --clean"],
  ];
  for (const [script, given, handedOn] of calls)
    assert.deepEqual(call(script, words(given)), [elsewhere, ...words(handedOn)]);
  assert.deepEqual(call("build-amd64-image.sh", ["-f", "a b/$HOME/*"]), [
    elsewhere,
    ...words("build --platform linux/amd64 --image=rustci"),
    "--dockerfile=a b/$HOME/*",
  ]);
});

function words(line: string): readonly string[] {
  return line === "" ? [] : line.split(" ");
}

test("a script that is linked to from elsewhere finds its command line", async (t) => {
  const directory = await packaged(t, showCall);
  const link = path.join(await temporaryDirectory(t), "setup");
  await symlink(path.join(directory, "setup-buildx-multiarch.sh"), link);
  assert.deepEqual(JSON.parse(run(link, []).stdout), ["/", "setup"]);
});

test("the command line's exit code is the script's", async (t) => {
  const directory = await packaged(t, "process.exitCode = 5");
  assert.equal(run(path.join(directory, "build-amd64-image.sh"), []).status, 5);
});

/** What `transship verify --json` says of an image with that label. */
function labelled(architecture: string) {
  const platform = { label: { architecture, os: "linux" }, findings: [], unproven: [] };
  return { image: { name: "app:1", id: "sha256:12", sizeBytes: 1 }, platforms: [platform] };
}

test("validate-image-architecture.sh exits with 1 when validation fails, with --json too", async (t) => {
  const cases: readonly (readonly [document: object, status: number, exitCode: number])[] = [
    [{ verdict: "unproven", ...labelled("amd64") }, 0, 0],
    [{ verdict: "refuted", ...labelled("arm64") }, 1, 1],
    [{ error: { code: "IMAGE_MISSING", message: "There is no image app:1." } }, 1, 1],
    [{ error: { code: "ENGINE_UNREACHABLE", message: "No engine." } }, 4, 1],
    [{ error: { code: "PLATFORM_UNKNOWN", message: "No platform." } }, 2, 2],
    [{ error: { code: "INTERRUPTED", message: "Interrupted." } }, 130, 130],
  ];
  for (const [answer, status, exitCode] of cases) {
    const main = `process.stdout.write(${JSON.stringify(JSON.stringify(answer))}); process.exitCode = ${status}`;
    const script = path.join(await packaged(t, main), "validate-image-architecture.sh");
    assert.equal(run(script, ["-i", "app:1"]).status, exitCode);
    const json = run(script, ["-i", "app:1", "--json"]);
    assert.equal(json.status, exitCode);
    const result: unknown = JSON.parse(json.stdout);
    assert.ok(typeof result === "object" && result !== null && "validation_result" in result);
    assert.equal(result.validation_result, exitCode === 0 ? "pass" : "fail");
  }
  const silentOne = await packaged(t, "process.exitCode = 70");
  const silent = run(path.join(silentOne, "validate-image-architecture.sh"), ["--json"]);
  assert.equal(silent.status, 70);
  assert.match(silent.stdout, /"error_code": "NO_RESULT"/);
});

test("validate-image-architecture.sh asks for a platform, or for words where it is not Linux's", async (t) => {
  // What it asked shows as the image's name.
  const main = `process.stdout.write(JSON.stringify({ image: { name: process.argv.slice(2).join(" "), id: "", sizeBytes: 1 } }))`;
  const script = path.join(await packaged(t, main), "validate-image-architecture.sh");
  const asked = (...args: string[]) => run(script, [...args, "--json"]).stdout;
  assert.match(asked(), /"verify --image=rustci:local-amd64 --platform linux\/amd64 --json"/);
  assert.match(
    asked("-i", "a", "-a", "arm64"),
    /"verify --image=a --platform linux\/arm64 --json"/,
  );
  assert.match(asked("-o", "windows"), /--arch amd64 --os windows --json"/);
});
