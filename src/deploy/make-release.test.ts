import assert from "node:assert/strict";
import { test } from "node:test";
import { digest, imageId } from "../../test/deploy/release.ts";
import { isFailure } from "../errors.ts";
import type { ImageConfig } from "./inspect-image.ts";
import { makeRelease, type ReleaseWishes } from "./make-release.ts";
import { parseAppName, parseReleaseId } from "./names.ts";
import { plainRun, type PublishedPort } from "./run-arguments.ts";

const health = { path: "/health", host: "localhost", seconds: 10 };
const wishes: ReleaseWishes = {
  run: plainRun,
  health,
  goodAnswers: 3,
  startSeconds: 60,
  bakeSeconds: 30,
  isSingleWriter: false,
  hosts: [],
  drainSeconds: 30,
  proxyImage: "haproxy",
};
const names = {
  app: parseAppName("shop"),
  id: parseReleaseId("v1"),
  strategy: "recreate",
} as const;
const config: ImageConfig = { ports: [3000, 8080], healthcheck: undefined };

function make(changed: Partial<ReleaseWishes> = {}, says: Partial<ImageConfig> = {}) {
  const of = { platform: "linux/amd64", isEmulated: false };
  const image = { name: "shop:1", id: imageId, digest, ...of };
  return makeRelease(names, { ...wishes, ...changed }, image, { ...config, ...says });
}

const port = (changed: Partial<ReleaseWishes>) => make(changed).gate.health?.port;

const publish: readonly PublishedPort[] = [
  { host: 53, container: 5353, protocol: "udp" },
  { host: 80, container: 8000, protocol: "tcp" },
];

test("the image is named by what the server calls it, and by its digests", () => {
  const { image, imageId: id, digest: root, strategy } = make();
  assert.deepEqual([image, id, root, strategy], ["shop:1", imageId, digest, "recreate"]);
});

test("the port that is asked: the one that is named, the first published of TCP, the lowest exposed", () => {
  const run = { ...plainRun, publish };
  assert.deepEqual([port({ port: 1234, run }), port({ run }), port({})], [1234, 8000, 3000]);
});

test("where nobody names a port that is told, unless no HTTP is spoken", () => {
  assert.throws(
    () => make({}, { ports: [] }),
    (error) => isFailure(error, "DEPLOY_NO_PORT") && error.exitCode === 2,
  );
  const { health: _health, ...silent } = wishes;
  const of = { platform: "linux/amd64", isEmulated: false };
  const image = { name: "shop:1", id: imageId, digest, ...of };
  const { gate } = makeRelease(names, silent, image, { ports: [], healthcheck: undefined });
  assert.deepEqual(gate, { goodAnswers: 3, startSeconds: 60 });
});

test("whether there is a health check the new image says, and a hook the wishes", () => {
  const healthcheck = { command: { argv: ["check"] }, seconds: 3 };
  const beforeSwitch = { command: ["migrate"], seconds: 600 };
  const release = make({ beforeSwitch }, { healthcheck });
  assert.deepEqual([release.gate.healthcheck, release.beforeSwitch], [healthcheck, beforeSwitch]);
  assert.ok(!("beforeSwitch" in make()) && !("healthcheck" in make().gate));
});
