import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPlatform, parsePlatform } from "../platform/platform.ts";
import { formatCommand } from "../process/command.ts";
import { buildArgs, type BuildCommand, readBuildMetadata } from "./build.ts";
import { dockerArgv } from "./docker.ts";

const plain: BuildCommand = {
  platforms: [parsePlatform("linux/amd64")],
  builder: "multiarch-builder",
  dockerfile: "Dockerfile",
  context: ".",
  output: { kind: "layout", directory: "/store", name: "docker.io/library/rustci:local-amd64" },
  metadataFile: "/tmp/metadata.json",
};

test("requirement 1.1: docker buildx build --platform linux/amd64, the builder named", () => {
  assert.equal(
    formatCommand(dockerArgv(buildArgs(plain))),
    "docker buildx build --platform linux/amd64 --builder multiarch-builder --file Dockerfile " +
      "--output type=oci,tar=false,dest=/store,name=docker.io/library/rustci:local-amd64 " +
      "--metadata-file /tmp/metadata.json .",
  );
});

test("every wish is a flag of buildx, and what is handed on stands before the context", () => {
  const args = buildArgs({
    ...plain,
    platforms: ["linux/amd64", "linux/arm/v7"].map(parsePlatform),
    noCache: true,
    buildArgs: ["A=1", "B"],
    secrets: ["id=npm,src=.npmrc"],
    ssh: ["default"],
    target: "stage",
    buildContexts: ["base=docker-image://debian"],
    cacheFrom: ["type=local,src=c"],
    cacheTo: ["type=local,dest=c"],
    passthrough: ["--label", "x=y"],
  });
  const line = args.join(" ");
  for (const part of [
    "--platform linux/amd64,linux/arm/v7",
    "--build-arg A=1 --build-arg B",
    "--secret id=npm,src=.npmrc",
    "--ssh default",
    "--target stage",
    "--build-context base=docker-image://debian",
    "--cache-from type=local,src=c",
    "--cache-to type=local,dest=c",
    "--no-cache",
  ]) {
    assert.ok(line.includes(part), part);
  }
  assert.ok(line.endsWith("--label x=y ."), line);
});

test("a store whose path has a comma is one field", () => {
  const output = { kind: "layout", directory: '/a,b"c', name: "docker.io/library/app:1" } as const;
  const args = buildArgs({ ...plain, output });
  const value = args[args.indexOf("--output") + 1];
  assert.equal(value, 'type=oci,tar=false,"dest=/a,b""c",name=docker.io/library/app:1');
});

const digest = `sha256:${"a".repeat(64)}`;

test("the metadata tells the root and where it was built", () => {
  const json = JSON.stringify({
    "containerimage.descriptor": { mediaType: "m", digest, size: 7, annotations: { a: "b" } },
    "buildx.build.provenance/linux/arm64": {
      invocation: { environment: { platform: "linux/amd64" } },
    },
    "buildx.build.ref": "x",
  });
  const { root, native } = readBuildMetadata(json);
  assert.deepEqual(root, { mediaType: "m", digest, size: 7 });
  assert.equal(native && formatPlatform(native), "linux/amd64");
});

test("a build that went into the engine has no root", () => {
  assert.deepEqual(readBuildMetadata('{"containerimage.config.digest":"x"}'), {});
});
