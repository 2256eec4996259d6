import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { elf, imageOf, type TestFiles, type TestPlatform } from "../../test/image/image.ts";
import { createContext } from "../context.ts";
import { isFailure } from "../errors.ts";
import { storedSubject } from "../image/subject.ts";
import { parsePlatform } from "../platform/platform.ts";
import { openStore } from "../store/store.ts";
import { verify, type VerifyOptions } from "./verify.ts";

const [amd64, arm64] = [elf(62), elf(183)];

/** Verifies an image that stands in a store of the test's own. */
async function verified(
  context: TestContext,
  platforms: readonly TestPlatform[],
  options: Omit<VerifyOptions, "subject"> = {},
) {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  context.after(async () => await rm(directory, { recursive: true }));
  const { root, blobs } = await imageOf(platforms);
  const store = await openStore(path.join(directory, "store"));
  for (const bytes of blobs.values()) await store.write("any", bytes);
  const env = { XDG_CACHE_HOME: directory };
  return await verify(
    { subject: storedSubject(store.directory, root), ...options },
    createContext({ env }),
  );
}

interface Case {
  readonly name: string;
  readonly files: TestFiles;
  readonly config: Readonly<Record<string, unknown>>;
  /** The rules that found something, and what the start will print. */
  readonly finds: readonly string[];
  readonly prediction?: string;
}

const cases: readonly Case[] = [
  {
    name: "a program for the machine",
    files: { app: { content: amd64 } },
    config: { Entrypoint: ["/app"] },
    finds: [],
  },
  {
    name: "a program for another machine",
    files: { app: { content: arm64 } },
    config: { Entrypoint: ["/app"] },
    finds: ["entrypoint-machine"],
    prediction: "exec /app: exec format error",
  },
  {
    name: "CMD alone, found by PATH",
    files: { "opt/bin/app": { content: arm64 } },
    config: { Cmd: ["app"], Env: ["PATH=/usr/bin:/opt/bin"] },
    finds: ["entrypoint-machine"],
    prediction: "exec /opt/bin/app: exec format error",
  },
  {
    name: "the usual PATH where none is set",
    files: { "usr/local/bin/app": { content: amd64 } },
    config: { Entrypoint: ["app"] },
    finds: [],
  },
  {
    name: "a program that is not there",
    files: { other: "" },
    config: { Entrypoint: ["app"] },
    finds: ["entrypoint-missing"],
    prediction: 'exec: "app": executable file not found in $PATH',
  },
  {
    name: "a path that is not there",
    files: { other: "" },
    config: { Entrypoint: ["/app"] },
    finds: ["entrypoint-missing"],
    prediction: 'exec: "/app": stat /app: no such file or directory',
  },
  {
    name: "a path from the working directory",
    files: { "srv/app": { content: amd64 } },
    config: { Entrypoint: ["./app"], WorkingDir: "/srv" },
    finds: [],
  },
  {
    name: "a file that may not be executed",
    files: { app: { content: amd64, mode: 0o644 } },
    config: { Entrypoint: ["/app"] },
    finds: ["entrypoint-permission"],
    prediction: 'exec: "/app": permission denied',
  },
  {
    name: "a script, its interpreter for another machine",
    files: { run: "#!/bin/sh\n", "bin/sh": { content: arm64 } },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-machine"],
    prediction: "exec /run: exec format error",
  },
  {
    name: "a script without its interpreter",
    files: { run: "#!/bin/bash\n" },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-interpreter"],
    prediction: "exec /run: no such file or directory",
  },
  {
    name: "a script with Windows line ends",
    files: { run: "#!/bin/sh\r\n", "bin/sh": { content: amd64 } },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-interpreter"],
    prediction: "exec /run: no such file or directory",
  },
  {
    name: "a text without a #! line",
    files: { run: "echo hello\n" },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-format"],
    prediction: "exec /run: exec format error",
  },
  {
    name: "an empty program",
    files: { run: "" },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-format"],
    prediction: "exec /run: exec format error",
  },
];

for (const { name, files, config, finds, prediction } of cases) {
  test(`${name}: ${finds.join(", ") || "nothing is found"}`, async (context) => {
    const { verdict, platforms } = await verified(context, [{ layers: [files], config }]);
    const findings = platforms[0]?.findings ?? [];
    assert.deepEqual(
      findings.map(({ rule }) => rule),
      finds,
    );
    assert.equal(findings[0]?.prediction, prediction);
    assert.equal(verdict, finds.length === 0 ? "unproven" : "refuted");
    assert.ok(findings.every(({ fix }) => fix !== undefined));
  });
}

const healthy = { layers: [{ app: { content: amd64 } }], config: { Entrypoint: ["/app"] } };

test("nothing is proven while not everything is checked, and what was not is said", async (context) => {
  const { verdict, platforms } = await verified(context, [healthy]);
  assert.equal(verdict, "unproven");
  assert.equal(platforms[0]?.program, "/app");
  assert.equal(platforms[0]?.unproven.length, 2);
});

test("an image that names no program is unproven", async (context) => {
  const { platforms } = await verified(context, [{ layers: [{ app: "" }] }]);
  assert.match(platforms[0]?.unproven[0] ?? "", /names no program/);
});

test("a label other than the one asked for is refuted", async (context) => {
  const expected = { architecture: "arm64", os: "linux" };
  const { verdict, platforms } = await verified(context, [healthy], { expected });
  assert.equal(verdict, "refuted");
  const [finding] = platforms[0]?.findings ?? [];
  assert.equal(finding?.rule, "label");
  assert.equal(finding?.message, "The image is labelled linux/amd64, not linux/arm64.");
});

test("each platform is checked, and one that is refuted refutes the image", async (context) => {
  const wrong = { ...healthy, architecture: "arm64" };
  const { verdict, platforms } = await verified(context, [healthy, wrong]);
  assert.equal(verdict, "refuted");
  assert.deepEqual(
    platforms.map((one) => [one.platform, one.verdict]),
    [
      ["linux/amd64", "unproven"],
      ["linux/arm64", "refuted"],
    ],
  );
});

test("a platform that the image does not have is IMAGE_PLATFORM_MISSING", async (context) => {
  const both = [healthy, { ...healthy, architecture: "arm64" }];
  const options = { platforms: [parsePlatform("linux/s390x")] };
  await assert.rejects(verified(context, both, options), (error) =>
    isFailure(error, "IMAGE_PLATFORM_MISSING"),
  );
});

test("an index that lists a manifest for another platform than its config says is refuted", async (context) => {
  const { platforms } = await verified(context, [
    { ...healthy, listed: { os: "linux", architecture: "arm64" } },
  ]);
  assert.deepEqual(
    platforms[0]?.findings.map(({ rule }) => rule),
    ["index-platform"],
  );
});

test("a config whose DiffIDs are not the layers' is refuted", async (context) => {
  const other = `sha256:${"0".repeat(64)}`;
  const wrong = await verified(context, [{ ...healthy, diffIds: [other] }]);
  assert.deepEqual(
    wrong.platforms[0]?.findings.map(({ rule }) => rule),
    ["layer-diff-id"],
  );
  const fewer = await verified(context, [{ ...healthy, diffIds: [] }]);
  assert.deepEqual(
    fewer.platforms[0]?.findings.map(({ rule }) => rule),
    ["layer-count"],
  );
});

test("a platform of another system is unproven, not refuted", async (context) => {
  const windows = { ...healthy, os: "windows" };
  const { platforms } = await verified(context, [windows]);
  assert.deepEqual(
    platforms.map((one) => [one.platform, one.verdict]),
    [["windows/amd64", "unproven"]],
  );
});
