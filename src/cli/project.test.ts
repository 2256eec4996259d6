import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { inProject, withoutBuildx } from "../../test/compose.ts";
import type { BuildOptions } from "../build/build.ts";
import { parsePlatform } from "../platform/platform.ts";
import type { BuildFlags } from "./commands/build.ts";
import { withFlags } from "./project.ts";

const unsaid: BuildFlags = {
  format: "text",
  json: false,
  verbose: false,
  quiet: false,
  strict: false,
  cache: true,
  load: true,
  loadAnyway: false,
  emulation: true,
  explainEmulation: false,
  progress: "auto",
  dryRun: false,
};
const file: BuildOptions = {
  image: "registry.example.org:5000/shop/web:1",
  platforms: [parsePlatform("linux/arm64")],
  target: "prod",
  push: true,
  cacheFrom: ["type=gha"],
  buildArgs: ["A=1"],
  passthrough: ["--label", "a=b"],
};

const overridden: readonly (readonly [Partial<BuildFlags>, Partial<BuildOptions>])[] = [
  [{}, file],
  [{ tag: "2" }, { image: "registry.example.org:5000/shop/web:2" }],
  [{ platform: "linux/amd64" }, { platforms: [parsePlatform("linux/amd64")] }],
  [{ push: false }, { push: false }],
  [{ target: "test" }, { target: "test" }],
  [{ cacheFrom: ["type=inline"] }, { cacheFrom: ["type=inline"] }],
  [{ buildArg: ["A=2"] }, { buildArgs: ["A=1", "A=2"] }],
  [{ cache: false }, { noCache: true }],
  [{ load: false }, { load: false }],
];
for (const [flags, expected] of overridden) {
  test(`${JSON.stringify(flags)} goes before the file`, () => {
    const options = withFlags(file, { ...unsaid, ...flags }, []);
    assert.deepEqual({ ...options, ...expected }, options);
  });
}

test("what is handed to buildx comes behind what the file says", () => {
  const { passthrough } = withFlags(file, unsaid, ["--label", "a=c"]);
  assert.deepEqual(passthrough, ["--label", "a=b", "--label", "a=c"]);
});

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const document = z.looseObject({ subject: z.string(), outcome: z.string() });
const failure = z.object({
  subject: z.string(),
  error: z.object({ code: z.string(), message: z.string() }),
});

/** No engine answers there: what is only planned asks none. */
const env = { ...process.env, DOCKER_HOST: "tcp://127.0.0.1:1", BUILDX_BUILDER: "" };

async function transship(...args: readonly string[]) {
  const { promise, resolve } = Promise.withResolvers<{
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
  }>();
  const child = execFile(process.execPath, [main, ...args], { env }, (_error, stdout, stderr) => {
    resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
  });
  return await promise;
}

const shop = {
  "compose.yaml": `
name: shop
services:
  web:
    image: web:1
    build: {context: web, additional_contexts: {base: "service:base"}}
  base:
    build: {context: ., dockerfile_inline: "FROM scratch"}
    x-transship: {platforms: [linux/arm64]}
`,
  Dockerfile: "FROM scratch\n",
  "web/Dockerfile": "FROM base\n",
};
const inShop = async (t: TestContext) => await inProject(t, shop);

test("without flags the services of the file are planned", { skip: withoutBuildx }, async (t) => {
  await inShop(t);
  const { exitCode, stdout, stderr } = await transship("build", "--dry-run", "--json");
  assert.equal(exitCode, 0, stderr);
  const { subject, outcome, images } = document
    .extend({ images: z.array(z.object({ service: z.string(), image: z.string() })) })
    .parse(JSON.parse(stdout));
  assert.deepEqual([subject, outcome], ["shop", "planned"]);
  assert.deepEqual(
    images.map(({ service, image }) => [service, image]),
    [
      ["base", "shop-base:latest"],
      ["web", "web:1"],
    ],
  );
  assert.match(stderr, /^Read compose\.yaml: project shop, base, web\.$/m);
  const [base = "", web = ""] = stderr
    .split("\n")
    .filter((line) => line.startsWith("$ docker buildx"));
  assert.match(base, /--platform linux\/arm64 .*\/Dockerfile .* \.$/);
  assert.match(
    web,
    /--platform linux\/amd64 .*--file web\/Dockerfile --build-context base=oci-layout:\/\/.*@DIGEST .* web$/,
  );
});

test("what fails stops only what is built on it", { skip: withoutBuildx }, async (t) => {
  const text = `${shop["compose.yaml"]}  fine: {build: .}\n`;
  await inProject(t, {
    "compose.yaml": text.replace('dockerfile_inline: "FROM scratch"', "dockerfile: missing"),
    Dockerfile: "FROM scratch\n",
    "web/Dockerfile": "FROM base\n",
  });
  const { exitCode, stdout, stderr } = await transship("build", "--dry-run", "--json");
  assert.equal(exitCode, 2, stderr);
  const { outcome, images } = document
    .extend({ images: z.array(z.object({ service: z.string(), outcome: z.string() })) })
    .parse(JSON.parse(stdout));
  assert.equal(outcome, "failed");
  assert.deepEqual(
    images.map((image) => [image.service, image.outcome]),
    [
      ["base", "failed"],
      ["fine", "planned"],
      ["web", "skipped"],
    ],
  );
  assert.match(stderr, /^warning: base was not built: error\[DOCKERFILE_MISSING\]: /m);
});

test("a flag that names an image leaves the file out", { skip: withoutBuildx }, async (t) => {
  await inShop(t);
  const { stdout, stderr } = await transship("build", "--dry-run", "--json", "-c", ".");
  assert.doesNotMatch(stderr, /Read compose/);
  const { subject, image } = document.extend({ image: z.string() }).parse(JSON.parse(stdout));
  assert.deepEqual([subject, image], ["rustci", "rustci:local-amd64"]);
});

test("a word is a service, and without a project a mistake", { skip: withoutBuildx }, async (t) => {
  await inShop(t);
  const unknown = await transship("build", "nope", "--json");
  assert.equal(unknown.exitCode, 2);
  const { subject, error } = failure.parse(JSON.parse(unknown.stdout));
  assert.deepEqual([subject, error.code], ["compose.yaml", "SERVICE_UNKNOWN"]);
  const stray = await transship("build", "app", "--json", "-i", "app");
  assert.equal(stray.exitCode, 2);
  assert.equal(
    failure.parse(JSON.parse(stray.stdout)).error.message,
    '"app" is no flag; the build context is named by --context app.',
  );
});

test("the services that a file builds are proposed to a shell", async (t) => {
  await inShop(t);
  assert.equal((await transship("__complete", "build", "w")).stdout, "web\n");
  const proposed = (await transship("__complete", "build", "")).stdout.split("\n");
  assert.ok(proposed.includes("base") && proposed.includes("web"), proposed.join());
});
