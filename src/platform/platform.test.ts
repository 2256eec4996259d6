import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import {
  formatPlatform,
  parsePlatform,
  platformOf,
  platformSuffix,
  readPlatform,
  samePlatform,
} from "./platform.ts";

const written: Readonly<Record<string, string>> = {
  "linux/amd64": "linux/amd64",
  amd64: "linux/amd64",
  x86_64: "linux/amd64",
  "linux/amd64/v1": "linux/amd64",
  "linux/amd64/v3": "linux/amd64/v3",
  "linux/arm64": "linux/arm64",
  "linux/arm64/v8": "linux/arm64",
  aarch64: "linux/arm64",
  "Linux/ARM64": "linux/arm64",
  "linux/arm": "linux/arm/v7",
  "linux/arm/v6": "linux/arm/v6",
  armhf: "linux/arm/v7",
  i686: "linux/386",
};

for (const [text, normal] of Object.entries(written)) {
  test(`${text} is ${normal}`, () => {
    assert.equal(formatPlatform(parsePlatform(text)), normal);
  });
}

for (const text of [
  "",
  "linux",
  "linux/",
  "windows/amd64",
  "linux/amd46",
  "linux/arm/7",
  "linux/amd64/v1/x",
]) {
  test(`"${text}" is no platform`, () => {
    assert.throws(
      () => parsePlatform(text),
      (error) => isFailure(error, "PLATFORM_UNKNOWN"),
    );
  });
}

test("an attestation's unknown/unknown is no platform", () => {
  assert.equal(platformOf({ os: "unknown", architecture: "unknown" }), undefined);
});

test("a config without a variant and an index with the default one mean the same", () => {
  const config = platformOf({ os: "linux", architecture: "arm64" });
  const index = platformOf({ os: "linux", architecture: "arm64", variant: "v8" });
  assert.ok(config !== undefined && index !== undefined && samePlatform(config, index));
});

test("a tag's suffix has no slash", () => {
  assert.equal(platformSuffix(parsePlatform("linux/arm/v6")), "arm-v6");
});

test("a platform that may be none is read without an error", () => {
  assert.deepEqual(readPlatform("linux/amd64"), parsePlatform("linux/amd64"));
  assert.equal(readPlatform("windows/amd64"), undefined);
});
