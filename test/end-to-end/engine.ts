/**
 * What every end-to-end test stands on: the engine that the test runner brought up, and the command line as a user runs it.
 * The runner (`scripts/test.js`) starts each file once per engine, inside that engine's network namespace, with
 * `DOCKER_HOST` and a `BUILDX_CONFIG` of its own, and describes the engine in `TRANSSHIP_TEST_ENGINE`.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import * as z from "zod";
import { parsePlatform } from "../../src/platform/platform.ts";
import { probeProgram } from "../../src/probe/program.ts";

const engineSchema = z.object({
  /** `classic`, `containerd`, `oldest`. */
  name: z.string(),
  imageStore: z.enum(["classic", "containerd"]),
  /** The image that BuildKit's container is made of; see `transship setup --buildkit-image`. */
  buildkitImage: z.string(),
  /** An OCI layout that holds debian:bookworm-slim for linux/amd64 and linux/arm64. */
  baseLayout: z.string(),
  /** Where what is slow to make is kept between runs. */
  provisioned: z.string(),
});

export type TestEngine = z.infer<typeof engineSchema>;

const described = process.env["TRANSSHIP_TEST_ENGINE"];
/** Absent where the runner could bring none up. */
export const engineUnderTest =
  described === undefined ? undefined : engineSchema.parse(JSON.parse(described));

/** A test that needs an engine: skipped, with the reason, where the runner could bring none up. */
export function engineTest(
  name: string,
  body: (engine: TestEngine, context: TestContext) => Promise<void>,
): void {
  if (engineUnderTest === undefined) {
    void test(name, {
      skip: "needs an engine; npm test brings one up on Debian and Ubuntu as root",
    });
    return;
  }
  const engine = engineUnderTest;
  test(`${name} (${engine.name})`, async (context) => await body(engine, context));
}

/** One that takes long, and is tried on some of the engines alone: on the others it is skipped. */
export function engineTestOn(
  engines: readonly ("classic" | "containerd" | "oldest")[],
  name: string,
  body: (engine: TestEngine, context: TestContext) => Promise<void>,
): void {
  engineTest(name, async (engine, context) => {
    if (engines.some((one) => one === engine.name)) return await body(engine, context);
    context.skip(`tried on ${engines.join(" and ")}`);
  });
}

export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why a test is skipped on the oldest engine: it has nothing to do with the engine's version, and takes long. */
export const onceEach = "tried once for each image store";

/** The program as it is packed; `test/run.ts` has built it. */
export const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Runs `transship …` as a user does. Never throws for its exit code. */
export async function transship(
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly cancelSignal?: AbortSignal;
  } = {},
): Promise<Ended> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], {
    reject: false,
    timeout: 240_000,
    ...options,
  });
  return { exitCode, stdout, stderr };
}

/** Runs `docker …` for what a test prepares and looks at. @throws when it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa("docker", args, { timeout: 120_000 });
  return stdout;
}

/** Where what must be undone is left; a test's own is done first come, first served. */
export interface CleanUp {
  after(undo: () => Promise<void>): void;
}

/** The same, last come first, for what stands on what came before. */
export function lastFirst(context: CleanUp): CleanUp {
  const undo: (() => Promise<void>)[] = [];
  context.after(async () => {
    for (const one of undo.toReversed()) await one().catch(() => {});
  });
  return { after: (one) => undo.push(one) };
}

/** A directory with those files (path → text or bytes), removed when the test ends. */
export async function directory(
  context: CleanUp,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  context.after(async () => await rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
  return root;
}

/** Makes sure of the builder that `transship build` uses when none is named. */
export async function ensureBuilder(engine: TestEngine): Promise<void> {
  const setup = ["setup", "--buildkit-image", engine.buildkitImage];
  // Two test files may make it at the same moment; the one that comes second finds it the next time.
  let ended = await transship(setup);
  if (ended.exitCode !== 0) ended = await transship(setup);
  if (ended.exitCode !== 0) throw new Error(ended.stderr);
}

/** The build context flag that stands the engine's base image in for debian:bookworm-slim. */
export function baseFlags({ baseLayout }: TestEngine): readonly string[] {
  return ["--build-context", `debian:bookworm-slim=oci-layout://${baseLayout}`];
}

/** A Dockerfile and the smallest program of each platform: an image of one file, built in a moment. */
export function tinyContext(
  dockerfile = "ARG TARGETARCH\nCOPY --chmod=755 ${TARGETARCH} /probe\n",
) {
  return {
    Dockerfile: dockerfile.startsWith("ARG")
      ? `FROM scratch\n${dockerfile}ENTRYPOINT ["/probe"]\n`
      : dockerfile,
    amd64: tinyProgram("amd64"),
    arm64: tinyProgram("arm64"),
  };
}

function tinyProgram(platform: string): Uint8Array {
  return probeProgram(parsePlatform(platform)) ?? new Uint8Array();
}

/** Looks until it is so; the test's own deadline ends it otherwise. */
export async function until(look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await look())) {
    if (performance.now() > end) throw new Error("it did not come to pass within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
