import assert from "node:assert/strict";
import { test } from "node:test";
import { buildkitToml, changeSettings, readSettings, writeSettings } from "./settings.ts";

const nothing = { registries: {} };
const some = changeSettings(nothing, {
  http: ["10.0.0.5:5000"],
  authorities: [{ registry: "registry.example.org", file: "/etc/ca, own.pem" }],
  mirrors: [
    { registry: "docker.io", mirror: "http://mirror:5000" },
    { registry: "docker.io", mirror: "harbor.example.org/hub" },
  ],
  cacheSize: 20e9,
});

test("the file has what each registry is told, and both words for the size of the cache", () => {
  assert.equal(
    buildkitToml(some),
    `# Written by transship setup.
[worker.oci]
gc = true
gckeepstorage = 20000000000
maxUsedSpace = 20000000000
reservedSpace = 2000000000
minFreeSpace = "20%"
[registry."10.0.0.5:5000"]
http = true
[registry."docker.io"]
mirrors = ["mirror:5000", "harbor.example.org/hub"]
[registry."mirror:5000"]
http = true
[registry."registry.example.org"]
ca = ["/etc/ca, own.pem"]
`,
  );
});

test("without a size the cache has one all the same, and an old BuildKit its own rule", () => {
  assert.equal(
    buildkitToml(nothing),
    `# Written by transship setup.
[worker.oci]
gc = true
maxUsedSpace = 50000000000
reservedSpace = 5000000000
minFreeSpace = "20%"
`,
  );
});

test("what the builder remembers is read back as it was, and has no comma", () => {
  const text = writeSettings(some);
  assert.ok(!text.includes(","), text);
  assert.deepEqual(readSettings(text), some);
  assert.deepEqual(readSettings(undefined), nothing);
  assert.deepEqual(readSettings("cache=many&colour=red"), nothing);
  assert.equal(writeSettings(nothing), "");
});

test("what no flag names stays as it is", () => {
  const more = changeSettings(some, { http: ["other:5000"] });
  assert.equal(more.cacheBytes, 20e9);
  assert.deepEqual(Object.keys(more.registries), [
    "10.0.0.5:5000",
    "docker.io",
    "mirror:5000",
    "other:5000",
    "registry.example.org",
  ]);
  const mirrored = changeSettings(some, {
    mirrors: [{ registry: "docker.io", mirror: "https://new" }],
  });
  assert.deepEqual(mirrored.registries["docker.io"], { mirrors: ["new"] });
});

test("a registry can be forgotten, and the size be the usual one again", () => {
  const forget = Object.keys(some.registries);
  assert.deepEqual(changeSettings(some, { forget, cacheSize: "default" }), nothing);
});
