import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { formatPlatform } from "../platform/platform.ts";
import { engineHost, readEngineInfo } from "./facts.ts";

const info = {
  ServerVersion: "28.5.2",
  OSType: "linux",
  Architecture: "aarch64",
  OperatingSystem: "Debian",
  DockerRootDir: "/var/lib/docker",
  NCPU: 4,
  MemTotal: 7,
  ClientInfo: { Context: "default", Plugins: [{ Name: "buildx", Version: "v0.29.1" }] },
};

test("an engine's platform, image store and buildx are read", () => {
  const classic = readEngineInfo(
    JSON.stringify({ ...info, DriverStatus: [["Backing Filesystem", "extfs"]] }),
  );
  assert.equal(formatPlatform(classic.platform), "linux/arm64");
  assert.equal(classic.imageStore, "classic");
  assert.equal(classic.buildxVersion, "v0.29.1");
  const status = [["driver-type", "io.containerd.snapshotter.v1"]];
  assert.equal(
    readEngineInfo(JSON.stringify({ ...info, DriverStatus: status })).imageStore,
    "containerd",
  );
});

test("an engine without plugins has no buildx", () => {
  const bare = { ...info, ClientInfo: { Context: "default", Plugins: null } };
  assert.equal(readEngineInfo(JSON.stringify(bare)).buildxVersion, undefined);
});

test("an older client tells in its answer why the engine did not give one", () => {
  const words =
    "Cannot connect to the Docker daemon at unix:///nowhere. Is the docker daemon running?";
  const json = JSON.stringify({ ServerErrors: [words], ClientInfo: { Context: "default" } });
  assert.throws(
    () => readEngineInfo(json),
    (error) => isFailure(error, "ENGINE_UNREACHABLE"),
  );
});

const hosts: Readonly<Record<string, string>> = {
  "unix:///var/run/docker.sock": "127.0.0.1",
  "npipe:////./pipe/docker_engine": "127.0.0.1",
  "tcp://10.0.0.2:2376": "10.0.0.2",
  "ssh://me@server.example.org": "server.example.org",
  "tcp://localhost:2375": "127.0.0.1",
};
for (const [address, host] of Object.entries(hosts)) {
  test(`an engine at ${address} publishes ports at ${host}`, async () => {
    const docker = { signal: AbortSignal.abort(), run: never, attempt: never, stream: never };
    assert.equal(await engineHost({ docker, env: { DOCKER_HOST: address } }), host);
  });
}

async function never(): Promise<never> {
  throw new Error("the engine is not asked");
}
