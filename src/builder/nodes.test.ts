import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { Docker } from "../engine/docker.ts";
import type { KeptNode } from "../engine/kept-builder.ts";
import { isFailure } from "../errors.ts";
import { formatPlatform, parsePlatform } from "../platform/platform.ts";
import type { Finished, Runner } from "../process/run.ts";
import { planNodes } from "./nodes.ts";

const engine = Promise.resolve({ platform: parsePlatform("linux/amd64"), context: "default" });
const both = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const first: KeptNode = {
  name: "b0",
  endpoint: "default",
  platforms: ["linux/amd64"],
  options: {},
};
const server: KeptNode = {
  name: "server",
  endpoint: "ssh://me@server",
  platforms: ["linux/arm64"],
  options: {},
};

const stream = async () => await Promise.reject(new Error("nothing streams here"));

/** A world in which commands answer by their first words, and are written down. */
async function world(context: TestContext, answers: Readonly<Record<string, Partial<Finished>>>) {
  const cache = await mkdtemp(path.join(tmpdir(), "transship-nodes-"));
  context.after(async () => await rm(cache, { recursive: true, force: true }));
  const asked: string[] = [];
  const run = async (argv: readonly string[]): Promise<Finished> => {
    asked.push(argv.join(" "));
    const [, answer] =
      Object.entries(answers).find(([said]) => argv.join(" ").includes(said)) ?? [];
    assert.ok(answer !== undefined, `nobody answers ${argv.join(" ")}`);
    return { argv: ["docker"], exitCode: 0, stdout: "", stderr: "", durationMs: 1, ...answer };
  };
  const { signal } = new AbortController();
  const runner: Runner = { signal, run, stream };
  const ask = async (args: readonly string[]) => await run(["docker", ...args]);
  const docker: Docker = { signal, run: ask, attempt: ask, stream };
  return { asked, docker, runner, env: { XDG_CACHE_HOME: cache } };
}

const listing = (...nodes: readonly (readonly [string, ...string[]])[]) => ({
  stdout: JSON.stringify({
    Name: "b",
    Driver: "remote",
    Nodes: nodes.map(([Name, ...Platforms]) => ({ Name, Status: "running", Platforms })),
  }),
});

function words(plan: Awaited<ReturnType<typeof planNodes>>): readonly string[] {
  return plan.assignments.map(
    ({ platform, node, native }) => `${formatPlatform(platform)} ${node} ${native}`,
  );
}

test("a builder of one node on the engine itself is asked nothing", async (context) => {
  const { asked, ...tools } = await world(context, {});
  const builder = { name: "b", driver: "docker-container", nodes: [first] };
  const plan = await planNodes(builder, both, engine, tools);
  assert.deepEqual(words(plan), ["linux/amd64 b0 true", "linux/arm64 b0 false"]);
  assert.deepEqual(asked, []);
});

test("another machine is asked once what it is", async (context) => {
  const { asked, ...tools } = await world(context, { "ssh -T": { stdout: "linux/arm64\n" } });
  const builder = { name: "b", driver: "docker-container", nodes: [first, server] };
  for (let n = 0; n < 2; n += 1) {
    const plan = await planNodes(builder, both, engine, tools);
    assert.deepEqual(words(plan), ["linux/amd64 b0 true", "linux/arm64 server true"]);
  }
  assert.equal(asked.length, 1);
});

test("a machine that does not answer fails the builds that need it, and no others", async (context) => {
  const stderr = "ssh: connect to host server port 22: Connection refused";
  const tools = await world(context, { "ssh -T": { exitCode: 255, stderr } });
  const builder = { name: "b", driver: "docker-container", nodes: [first, server] };
  const [amd64, arm64] = both.map((one) => [one]);
  assert.deepEqual(words(await planNodes(builder, amd64 ?? [], engine, tools)), [
    "linux/amd64 b0 true",
  ]);
  await assert.rejects(
    async () => await planNodes(builder, arm64 ?? [], engine, tools),
    (error) => isFailure(error, "SSH_UNREACHABLE"),
  );
});

test("where no engine says it, the first that BuildKit lists is native, unless others are fixed", async (context) => {
  const { asked, ...tools } = await world(context, {
    "buildx ls": listing(["b0", "linux/arm64", "linux/amd64"]),
  });
  const node = { ...first, endpoint: "tcp://kit:1234", platforms: [] };
  const remote = { name: "b", driver: "remote", nodes: [node] };
  for (let n = 0; n < 2; n += 1) {
    const plan = await planNodes(remote, both, undefined, tools);
    assert.deepEqual(words(plan), ["linux/amd64 b0 false", "linux/arm64 b0 true"]);
  }
  assert.equal(asked.length, 1);
  const fixed = { ...remote, nodes: [{ ...node, platforms: ["linux/arm64"] }] };
  assert.deepEqual(words(await planNodes(fixed, both, undefined, tools)), [
    "linux/amd64 b0 undefined",
    "linux/arm64 b0 undefined",
  ]);
});

test("what nobody offers is asked once more before it is an error", async (context) => {
  const { asked, ...tools } = await world(context, {
    "ssh -T": { stdout: "linux/arm64\n" },
    "buildx ls": listing(["b0", "linux/amd64"], ["server", "linux/arm64"]),
  });
  const builder = { name: "b", driver: "docker-container", nodes: [first, server] };
  const plan = await planNodes(builder, [parsePlatform("linux/s390x")], engine, tools);
  assert.deepEqual(
    plan.problems.map(({ kind }) => kind),
    ["missing"],
  );
  assert.equal(asked.filter((line) => line.includes("buildx ls")).length, 2);
});
