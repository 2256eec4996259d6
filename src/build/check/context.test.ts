import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../../test/directory.ts";
import { elf } from "../../../test/image/image.ts";
import { parsePlatform } from "../../platform/platform.ts";
import type { BuildCheck } from "./check.ts";
import { contextChecks } from "./context.ts";

/** `e_machine`. */
const [amd64, arm64] = [elf(62), elf(183)];
const macho = Buffer.from("cffaedfe0c00000100000000", "hex");

type Files = Readonly<Record<string, string | Uint8Array>>;

interface Asked {
  readonly platforms?: readonly string[];
  readonly limits?: Parameters<typeof contextChecks>[0]["limits"];
}

async function check(
  t: TestContext,
  files: Files,
  { platforms = ["linux/amd64"], limits }: Asked = {},
): Promise<readonly BuildCheck[]> {
  const context = await temporaryDirectory(t);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(context, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const checks = await contextChecks({
    context,
    dockerfile: path.join(context, "Dockerfile"),
    platforms: platforms.map(parsePlatform),
    signal: new AbortController().signal,
    ...(limits === undefined ? {} : { limits }),
  });
  const short = (text: string) => text.replaceAll(`${context}/`, "");
  return checks.map(({ id, status, detail, fix }) => {
    const line = { id, status, detail: short(detail) };
    return fix === undefined ? line : Object.assign(line, { fix: short(fix) });
  });
}

/** The programs that are named, and of what they are. */
function proofs(checks: readonly BuildCheck[]): readonly string[] {
  return checks.map(({ detail }) => detail.replace(/^[^:]*: |\.$/g, ""));
}

const node = "node_modules/a/build/Release/a.node";

/** Files of a context, and the program that is wrong for linux/amd64. */
const cases: Readonly<Record<string, readonly [Files, string | undefined]>> = {
  "packages for another machine": [
    { [node]: arm64 },
    `${node} is an ELF file for aarch64, not for linux/amd64`,
  ],
  "packages with one wrong program among others": [
    {
      "node_modules/a/a.node": amd64,
      "node_modules/b/b.node": arm64,
      "node_modules/c/c.node": amd64,
      "node_modules/d/lib/d.node": macho,
    },
    "node_modules/b/b.node is an ELF file for aarch64, not for linux/amd64",
  ],
  "packages for the platform": [{ [node]: amd64 }, undefined],
  "packages without anything native": [
    { "node_modules/a/index.js": "", "src/a.js": "" },
    undefined,
  ],
  "packages of a Mac": [
    { "node_modules/@esbuild/darwin-arm64/bin/esbuild": macho },
    "node_modules/@esbuild/darwin-arm64/bin/esbuild is a Mach-O file of macOS for arm64, not for linux/amd64",
  ],
  "packages of a Mac and those of the platform beside them": [
    {
      "node_modules/@esbuild/darwin-arm64/bin/esbuild": macho,
      "node_modules/@esbuild/linux-x64/bin/esbuild": amd64,
    },
    undefined,
  ],
  "packages of a Mac and those of the platform, as pnpm lays them out": [
    {
      "node_modules/.pnpm/@esbuild+darwin-arm64@1.0.0/node_modules/@esbuild/darwin-arm64/bin/esbuild":
        macho,
      "node_modules/.pnpm/@esbuild+linux-x64@1.0.0/node_modules/@esbuild/linux-x64/bin/esbuild":
        amd64,
    },
    undefined,
  ],
  "programs for many platforms in one package": [
    {
      "node_modules/a/prebuilds/darwin-x64+arm64/a.node": macho,
      "node_modules/a/prebuilds/linux-x64/a.node": amd64,
      "node_modules/b/bin/darwin/arm64/b.node": macho,
      "node_modules/b/bin/linux/x64/b.node": amd64,
      "node_modules/c/c.darwin-arm64.node": macho,
      "node_modules/c/c.linux-x64-gnu.node": amd64,
    },
    undefined,
  ],
  "a package in a workspace": [
    { "packages/b/node_modules/b/b.node": arm64 },
    "packages/b/node_modules/b/b.node is an ELF file for aarch64, not for linux/amd64",
  ],
  "a virtual environment of any name": [
    { "env/pyvenv.cfg": "", "env/lib/python3.12/site-packages/a/_a.so": macho },
    "env/lib/python3.12/site-packages/a/_a.so is a Mach-O file of macOS for arm64, not for linux/amd64",
  ],
  "cargo's target": [
    { "target/CACHEDIR.TAG": "", "target/debug/app": arm64 },
    "target/debug/app is an ELF file for aarch64, not for linux/amd64",
  ],
  gems: [
    { "vendor/bundle/ruby/3.3.0/gems/a/lib/a.bundle": macho },
    "vendor/bundle/ruby/3.3.0/gems/a/lib/a.bundle is a Mach-O file of macOS for arm64, not for linux/amd64",
  ],
  "a directory that is left out": [{ ".dockerignore": "node_modules", [node]: arm64 }, undefined],
  "a directory that another ignore file leaves out": [
    { ".dockerignore": "node_modules", "Dockerfile.dockerignore": "docs", [node]: arm64 },
    `${node} is an ELF file for aarch64, not for linux/amd64`,
  ],
  "a directory that is left out, but for an exception": [
    {
      ".dockerignore": "node_modules\n!node_modules/b",
      [node]: arm64,
      "node_modules/b/b.node": macho,
    },
    "node_modules/b/b.node is a Mach-O file of macOS for arm64, not for linux/amd64",
  ],
  "a file that is left out": [{ ".dockerignore": "**/*.node", [node]: arm64 }, undefined],
  "programs outside of artefacts": [{ "bin/tool": arm64, "lib/a.so": arm64 }, undefined],
};

for (const [title, [files, expected]] of Object.entries(cases))
  test(`${title}: ${expected === undefined ? "nothing to say" : "a warning"}`, async (t) => {
    const checks = await check(t, files);
    assert.deepEqual(proofs(checks), expected === undefined ? [] : [expected]);
  });

test("of several platforms those are named that it is wrong for", async (t) => {
  const checks = await check(t, { [node]: arm64 }, { platforms: ["linux/arm64", "linux/amd64"] });
  assert.match(checks[0]?.detail ?? "", /aarch64, not for linux\/amd64\.$/);
});

test("the fix names the ignore file that the build reads", async (t) => {
  const [own] = await check(t, { "Dockerfile.dockerignore": "docs", [node]: arm64 });
  assert.equal(own?.fix, "Add at the end of Dockerfile.dockerignore: **/node_modules");
  const [usual] = await check(t, { [node]: arm64 });
  assert.equal(usual?.fix, "Add at the end of .dockerignore: **/node_modules");
});

test("a pattern that BuildKit refuses fails the build, and nothing else is said", async (t) => {
  const checks = await check(t, { ".dockerignore": "a\n[b-]\n", [node]: arm64 });
  assert.deepEqual(checks, [
    {
      id: "ignore-file",
      status: "fail",
      detail: `.dockerignore, line 2: "[b-]" is no pattern: in its brackets "]" stands where a character must stand.`,
      fix: "Mend line 2 of .dockerignore.",
    },
  ]);
});

const limits = { entries: 1000, depth: 10, opened: 10, milliseconds: 10_000, fewest: 0 };

for (const [name, value, reason] of [
  ["entries", 3, "after 3 entries"],
  ["depth", 3, "3 directories deep"],
  ["opened", 0, "after 0 programs and libraries"],
  ["milliseconds", 0, "after 0 s"],
] as const)
  test(`the limit of ${name} is told`, async (t) => {
    const asked = { limits: { ...limits, [name]: value } };
    const checks = await check(t, { [node]: amd64, "a/b/c/d/e": "" }, asked);
    assert.deepEqual(
      checks.map(({ id, status, detail }) => [id, status, detail]),
      [
        [
          "context",
          "skip",
          `The build context was not looked through to its end: the search was ended ${reason}.`,
        ],
      ],
    );
  });

test("an interrupted walk ends with the reason", async (t) => {
  const context = await temporaryDirectory(t);
  const signal = AbortSignal.abort(new Error("enough"));
  const options = { context, dockerfile: "-", platforms: [parsePlatform("linux/amd64")], signal };
  await assert.rejects(contextChecks(options), /enough/);
});

test("links are not followed", async (t) => {
  const context = await temporaryDirectory(t);
  await mkdir(path.join(context, "elsewhere"));
  await writeFile(path.join(context, "elsewhere", "a.node"), arm64);
  await symlink("elsewhere", path.join(context, "node_modules"));
  const { signal } = new AbortController();
  const platforms = [parsePlatform("linux/amd64")];
  assert.deepEqual(await contextChecks({ context, dockerfile: "-", platforms, signal }), []);
});

const lock = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    "node_modules/esbuild": {
      optionalDependencies: { "@esbuild/darwin-arm64": "1", "@esbuild/linux-x64": "1" },
    },
    "node_modules/@esbuild/darwin-arm64": {},
  },
});

test("lock files are read where they are in the context, and not in artefacts", async (t) => {
  const checks = await check(t, {
    ".dockerignore": "docs",
    "package-lock.json": lock,
    "packages/b/package-lock.json": "{",
    "docs/package-lock.json": lock,
    "node_modules/a/package-lock.json": lock,
  });
  assert.deepEqual(
    checks.map(({ id, status, detail }) => [id, status, detail]),
    [
      [
        "lock-file",
        "warn",
        "package-lock.json lacks what esbuild (@esbuild/linux-x64) needs on linux/amd64, though it has @esbuild/darwin-arm64.",
      ],
      ["lock-file", "skip", "packages/b/package-lock.json was not checked: it is not JSON."],
    ],
  );
});

test("the settings beside a lock file count, unless they are left out", async (t) => {
  const files = {
    "pnpm-lock.yaml":
      "lockfileVersion: '9.0'\n\npackages:\n\n  '@esbuild/linux-x64@1.0.0':\n    cpu: [x64]\n",
    "pnpm-workspace.yaml": "supportedArchitectures:\n  os: [darwin]\n",
  };
  assert.deepEqual(
    (await check(t, files)).map(({ status }) => status),
    ["warn"],
  );
  assert.deepEqual(
    (await check(t, { ...files, ".dockerignore": "pnpm-workspace.yaml" })).map(
      ({ status }) => status,
    ),
    ["pass"],
  );
});
