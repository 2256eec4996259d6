import assert from "node:assert/strict";
import { test } from "node:test";
import { fail } from "../errors.ts";
import {
  createBuilderArgs,
  isImageUnavailable,
  readBuilders,
  removeBuilderArgs,
} from "./buildx.ts";

const running = {
  Name: "multiarch-builder",
  Driver: "docker-container",
  Current: true,
  Nodes: [
    {
      Name: "multiarch-builder0",
      Endpoint: "desktop-linux",
      Status: "running",
      Version: "v0.34.2",
      Platforms: ["linux/amd64*", "linux/arm64"],
      DriverOpts: { network: "host" },
    },
  ],
};
const dead = {
  Name: "old",
  Driver: "docker-container",
  Nodes: [{ Name: "old0", Endpoint: "unix:///gone.sock", Status: "error", Err: "Cannot connect" }],
};

test("the listing is one builder a line, twice in old releases", () => {
  const lines = [running, running, dead].map((one) => JSON.stringify(one)).join("\n");
  const [first, second, ...rest] = readBuilders(`${lines}\n`);
  assert.deepEqual(rest, []);
  assert.equal(first?.name, "multiarch-builder");
  assert.equal(first.isCurrent, true);
  assert.deepEqual(first.nodes[0]?.platforms, ["linux/amd64", "linux/arm64"]);
  assert.equal(second?.nodes[0]?.error, "Cannot connect");
  assert.equal(second.isCurrent, false);
});

function limitOf(GCPolicy: unknown): number | undefined {
  const Nodes = [{ ...running.Nodes[0], GCPolicy }];
  return readBuilders(JSON.stringify({ ...running, Nodes }))[0]?.nodes[0]?.cacheLimit;
}

test("a node's cache may hold what its last rules let it", () => {
  const space = { reservedSpace: 10e9, minFreeSpace: 20e9 };
  assert.equal(
    limitOf([{ maxUsedSpace: 512e6 }, { ...space, all: true, maxUsedSpace: 60e9 }]),
    60e9,
  );
  assert.equal(limitOf([{ keepBytes: 512e6 }, { all: true, keepBytes: 2e9 }]), undefined);
  assert.equal(limitOf([]), undefined);
  assert.equal(limitOf(undefined), undefined);
});

test("a builder is made with each option and all platforms, and started", () => {
  const args = createBuilderArgs({
    name: "b",
    driver: "docker-container",
    options: { image: "x:1", network: "host" },
    platforms: ["linux/amd64", "linux/arm64"],
  });
  assert.equal(
    args.join(" "),
    "buildx create --name b --driver docker-container --driver-opt image=x:1 --driver-opt network=host --platform linux/amd64,linux/arm64 --bootstrap",
  );
});

test("the cache goes with the builder only when it is meant to", () => {
  assert.ok(removeBuilderArgs("b", { keepCache: true }).includes("--keep-state"));
  assert.ok(!removeBuilderArgs("b", { keepCache: false }).includes("--keep-state"));
});

test("an image that cannot be had is told from other failures", () => {
  const registry =
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host';
  assert.equal(isImageUnavailable(failure(registry)), true);
  assert.equal(isImageUnavailable(failure("pull access denied for x")), true);
  assert.equal(isImageUnavailable(failure("invalid driver option")), false);
});

function failure(output: string) {
  return fail("DOCKER_FAILED", { command: "docker", exitCode: 1, output });
}
