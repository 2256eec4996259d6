import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultFlags } from "../../test/ship/flags.ts";
import { isFailure } from "../errors.ts";
import { shipOptions } from "./shipping.ts";

function viaOf(via: string) {
  return shipOptions(["app:1", "me@vps"], { ...defaultFlags, via }).via;
}

test("a way is a word, or a repository of a registry", () => {
  assert.equal(viaOf("pull"), "pull");
  assert.equal(viaOf("load"), "load");
  const repositories = {
    "registry.example.org/app": { registry: "registry.example.org", repository: "app" },
    "https://registry.example.org/app": { registry: "registry.example.org", repository: "app" },
    "localhost:5000/team/app": { registry: "localhost:5000", repository: "team/app" },
    "10.0.0.5:5000/app:stable": {
      registry: "10.0.0.5:5000",
      repository: "app",
      tag: "stable",
    },
    "me/app": { registry: "docker.io", repository: "me/app" },
  };
  for (const [text, registry] of Object.entries(repositories))
    assert.deepEqual(viaOf(text), { registry });
  assert.deepEqual(viaOf("http://10.0.0.5:5000/app"), {
    registry: { registry: "10.0.0.5:5000", repository: "app" },
    plainHttp: true,
  });
});

test("what is neither is told", () => {
  const wrong = {
    rsync: /is no way/,
    "registry.example.org": /names no repository: write registry\.example\.org\/NAME/,
    "http://registry": /names no repository/,
    [`registry.example.org/app@sha256:${"0".repeat(64)}`]: /has no digest/,
    "registry.example.org/App": /upper-case/,
    "ftp://registry.example.org/app": /ftp:/,
  };
  for (const [text, problem] of Object.entries(wrong)) {
    assert.throws(
      () => viaOf(text),
      (error) => isFailure(error, "USAGE", "REFERENCE_INVALID") && problem.test(error.message),
      text,
    );
  }
});
