import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure, type ErrorCode } from "../errors.ts";
import { familiarName } from "../oci/reference.ts";
import { parsePlatform } from "../platform/platform.ts";
import { type BuildOptions, buildRequest } from "./request.ts";

const platforms = (...names: readonly string[]) => ({ platforms: names.map(parsePlatform) });

const names: readonly (readonly [BuildOptions, string])[] = [
  [{}, "rustci:local-amd64"],
  [platforms("linux/arm64"), "rustci:local-arm64"],
  [platforms("linux/arm/v7"), "rustci:local-arm-v7"],
  [platforms("linux/amd64", "linux/arm64"), "rustci:local"],
  // The same platform in other words is one.
  [platforms("linux/amd64", "x86_64"), "rustci:local-amd64"],
  [{ image: "app" }, "app:local-amd64"],
  [{ image: "app:1" }, "app:1"],
  [{ image: "app", tag: "2" }, "app:2"],
  [{ image: "app:2", tag: "2" }, "app:2"],
  [{ image: "registry.example.org/team/app", tag: "1" }, "registry.example.org/team/app:1"],
];
for (const [options, name] of names) {
  test(`${JSON.stringify(options)} makes ${name}`, () => {
    assert.equal(familiarName(buildRequest(options).reference), name);
  });
}

const pushes: readonly (readonly [BuildOptions, string])[] = [
  [{ registry: "registry.example.org" }, "registry.example.org/rustci:local-amd64"],
  [
    { registry: "https://registry.example.org/team/" },
    "registry.example.org/team/rustci:local-amd64",
  ],
  [{ registry: "localhost:5000" }, "localhost:5000/rustci:local-amd64"],
  [{ image: "me/app" }, "me/app:local-amd64"],
  [{ image: "registry.example.org/app:1" }, "registry.example.org/app:1"],
];
for (const [options, name] of pushes) {
  test(`a push of ${JSON.stringify(options)} goes to ${name}`, () => {
    const { pushTo } = buildRequest({ ...options, push: true });
    assert.equal(pushTo && familiarName(pushTo), name);
  });
}

test("a registry that is written http:// is spoken to without TLS", () => {
  const registry = "http://10.0.0.5:5000/team";
  const { pushTo, plainHttp } = buildRequest({ registry, push: true });
  assert.equal(pushTo?.registry, "10.0.0.5:5000");
  assert.equal(plainHttp, true);
  assert.equal(buildRequest({ registry: "10.0.0.5:5000", push: true }).plainHttp, undefined);
});

test("the Dockerfile is the context's, unless it is named", () => {
  assert.equal(buildRequest({}).dockerfile, "Dockerfile");
  assert.equal(buildRequest({ context: "app/" }).dockerfile, "app/Dockerfile");
  assert.equal(buildRequest({ context: "app", dockerfile: "other" }).dockerfile, "other");
  assert.equal(buildRequest({ context: "/" }).dockerfile, "//Dockerfile");
});

const refused: readonly (readonly [BuildOptions, ErrorCode])[] = [
  [{ image: "app:1", tag: "2" }, "USAGE"],
  [{ image: `app@sha256:${"0".repeat(64)}` }, "USAGE"],
  [{ platforms: [] }, "USAGE"],
  [{ passthrough: ["--label", "a=b", "--progress=plain"] }, "USAGE"],
  [{ image: "App" }, "REFERENCE_INVALID"],
  [{ tag: "a b" }, "REFERENCE_INVALID"],
  [{ push: true }, "PUSH_TARGET_MISSING"],
];
for (const [options, code] of refused) {
  test(`${JSON.stringify(options)} is ${code}`, () => {
    assert.throws(
      () => buildRequest(options),
      (error) => isFailure(error, code),
    );
  });
}
