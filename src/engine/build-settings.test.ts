import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSettingArgs, layoutContext, secretSpec } from "./build-settings.ts";

const nothing = { labels: {}, extraHosts: [], pull: false, ulimits: {}, entitlements: [] };

test("a build that says nothing has no flags", () => {
  assert.deepEqual(buildSettingArgs(nothing), []);
});

test("each setting has its flag", () => {
  const args = buildSettingArgs({
    labels: { "org.example.a": "1 2" },
    network: "host",
    extraHosts: ["db=192.0.2.1"],
    pull: true,
    shmSize: "1073741824",
    ulimits: { nofile: "1024:2048" },
    entitlements: ["network.host"],
    provenance: "mode=max",
    sbom: "true",
  });
  assert.equal(
    args.join(" "),
    "--label org.example.a=1 2 --network host --add-host db=192.0.2.1 --pull --shm-size 1073741824 " +
      "--ulimit nofile=1024:2048 --allow network.host --provenance=mode=max --sbom=true",
  );
});

test("a secret is named by its file or variable, as one line of CSV", () => {
  assert.equal(secretSpec("npm", { file: ".npmrc" }), "id=npm,src=.npmrc");
  assert.equal(secretSpec("npm", { file: "a,b" }), 'id=npm,"src=a,b"');
  assert.equal(secretSpec("token", { variable: "NPM_TOKEN" }), "id=token,env=NPM_TOKEN");
});

test("another image of ours is a context by its digest in the store", () => {
  assert.equal(
    layoutContext("base", "/cache/store", "sha256:0"),
    "base=oci-layout:///cache/store@sha256:0",
  );
});
