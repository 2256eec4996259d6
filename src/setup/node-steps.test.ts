import assert from "node:assert/strict";
import { test } from "node:test";
import { type DesiredBuilder, desiredBuilder } from "../builder/configuration.ts";
import type { KnownWish, NodeChange } from "../builder/desired-nodes.ts";
import type { Builder, BuilderNode } from "../engine/buildx.ts";
import type { KeptBuilder } from "../engine/kept-builder.ts";
import { fail, isFailure } from "../errors.ts";
import { parsePlatform } from "../platform/platform.ts";
import { nodeSteps } from "./node-steps.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const arm: KnownWish = { endpoint: "ssh://me@server", native: parsePlatform("linux/arm64") };
const nobody = async () => {};

function desire(nodes: NodeChange, kept?: KeptBuilder): DesiredBuilder {
  const wanted = { name: "b", platforms, endpoint: "default", configurationFile: "/b.toml", nodes };
  return desiredBuilder(wanted, undefined, kept);
}

/** What buildx has after that was carried out. */
function carriedOut(desired: DesiredBuilder): { existing: Builder; kept: KeptBuilder } {
  const { name, driver, options, endpoint } = desired;
  const first = { name: "b0", endpoint, options, platforms: ["linux/amd64"] };
  const nodes = [first, ...desired.nodes];
  const running = nodes.map((node): BuilderNode => ({ ...node, status: "running" }));
  return { existing: { name, driver, isCurrent: false, nodes: running }, kept: { driver, nodes } };
}

function commands(...of: Parameters<typeof nodeSteps>): readonly string[] {
  return nodeSteps(...of).flatMap((step) => step.commands.map((argv) => argv.join(" ")));
}

const alone = carriedOut(desire({}));
const withNode = carriedOut(desire({ add: [arm] }, alone.kept));

test("a node is fixed to what its machine runs without an emulator", () => {
  const [command, ...rest] = commands(
    alone.existing,
    desire({ add: [arm] }, alone.kept),
    false,
    nobody,
  );
  assert.match(
    command ?? "",
    /^docker buildx create --name b --append --node b-server --driver-opt network=host .* --platform linux\/arm64 --bootstrap ssh:\/\/me@server$/,
  );
  assert.deepEqual(rest, []);
});

test("a node that is there, asked for again or not, needs nothing", () => {
  for (const change of [{}, { add: [arm] }]) {
    assert.deepEqual(commands(withNode.existing, desire(change, withNode.kept), false, nobody), []);
  }
});

test("a builder that is made anew gets its nodes back, as they were", () => {
  const [step] = nodeSteps(withNode.existing, desire({}, withNode.kept), true, nobody);
  assert.equal(step?.id, "add-node");
  assert.equal(step.reason, "the builder had it before");
  assert.match(step.commands[0]?.join(" ") ?? "", /--platform linux\/arm64 --bootstrap ssh:/);
});

test("a node that goes leaves nothing there, and its platforms to the first", () => {
  const desired = desire({ remove: ["b-server"] }, withNode.kept);
  assert.deepEqual(commands(withNode.existing, desired, false, nobody), [
    "docker buildx create --name b --leave --node b-server",
    "docker buildx create --name b --append --node b0 --buildkitd-config /b.toml --platform linux/amd64,linux/arm64",
    "docker --host ssh://me@server rm --force buildx_buildkit_b-server",
    "docker --host ssh://me@server volume rm --force buildx_buildkit_b-server_state",
  ]);
  assert.throws(
    () => desire({ remove: ["b0"] }, withNode.kept),
    (error) => isFailure(error, "NODE_UNKNOWN") && error.message.includes("it has b-server"),
  );
});

test("a node of another configuration is made anew, its cache kept", () => {
  const renamed = { add: [{ ...arm, platforms: [parsePlatform("linux/arm/v7")] }] };
  const steps = nodeSteps(withNode.existing, desire(renamed, withNode.kept), false, nobody);
  assert.deepEqual(
    steps.map(({ id }) => id),
    ["remove-node", "add-node"],
  );
  assert.ok(!steps.some(({ commands: all }) => all.some((argv) => argv.includes("volume"))));
});

test("what somebody else added is kept as it is", () => {
  const theirs = { name: "x", endpoint: "colima", platforms: ["linux/s390x"], options: { a: "b" } };
  const kept = { ...alone.kept, nodes: [...alone.kept.nodes, theirs] };
  assert.deepEqual(desire({}, kept).nodes, [theirs]);
});

test("an engine behind TLS is reached by a context that is made for it", () => {
  const tls = { ca: "/ca.pem", cert: "/cert.pem", key: "/key.pem" };
  const wish = { endpoint: "tcp://10.0.0.2:2376", native: arm.native, tls };
  const desired = desire({ add: [wish] }, alone.kept);
  const [context, append] = commands(alone.existing, desired, false, nobody);
  assert.match(context ?? "", /^docker context create transship-b-10\.0\.0\.2 --docker host=tcp:/);
  assert.match(append ?? "", /--bootstrap transship-b-10\.0\.0\.2$/);
  const there = carriedOut(desired);
  const again = nodeSteps(there.existing, desire({ add: [wish] }, there.kept), false, nobody);
  assert.deepEqual(
    again.map(({ id }) => id),
    ["renew-node"],
  );
});

test("one that could not be added is taken back, and the image that it lacks is told", async () => {
  const carried: string[] = [];
  const [step] = nodeSteps(
    alone.existing,
    desire({ add: [arm] }, alone.kept),
    false,
    async (args) => {
      carried.push(args.join(" "));
      if (!args.includes("--bootstrap")) return;
      const output = "pull access denied for transship/buildkit";
      throw fail("DOCKER_FAILED", { command: "docker", exitCode: 1, output });
    },
  );
  await assert.rejects(
    async () => await step?.act(),
    (error) =>
      isFailure(error, "NODE_IMAGE_MISSING") &&
      error.hint.endsWith(
        "docker save moby/buildkit:buildx-stable-1 | docker --host ssh://me@server load",
      ),
  );
  assert.deepEqual(carried.slice(1), [
    "buildx create --name b --leave --node b-server",
    "buildx create --name b --append --node b0 --buildkitd-config /b.toml --platform linux/amd64,linux/arm64",
  ]);
});

test("while a node does not answer, none is added and nothing made anew: it would be lost", () => {
  const [first, node] = withNode.existing.nodes;
  assert.ok(first !== undefined && node !== undefined);
  const error = "ssh: connect to host server port 22: Connection refused";
  const silent = { ...withNode.existing, nodes: [first, { ...node, error }] };
  const desired = desire({}, withNode.kept);
  assert.deepEqual(nodeSteps(silent, desired, false, nobody), []);
  assert.throws(
    () => nodeSteps(silent, desired, true, nobody),
    (failure) => isFailure(failure, "SSH_UNREACHABLE"),
  );
});
