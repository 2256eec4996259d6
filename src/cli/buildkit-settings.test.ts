import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { type SettingsFlags, settingsChange } from "./buildkit-settings.ts";

test("what no flag names is not changed", () => {
  assert.deepEqual(settingsChange({}), {});
});

test("registries, mirrors and sizes as people type them", () => {
  const change = settingsChange({
    registryHttp: ["10.0.0.5:5000", "http://Nas.local/"],
    registryCa: ["registry.example.org:5000=/etc/ca.pem"],
    registryMirror: ["docker.io=http://mirror:5000", "docker.io=harbor.example.org/hub/"],
    registryForget: ["old:5000"],
    cacheSize: "20GB",
  });
  assert.deepEqual(change, {
    http: ["10.0.0.5:5000", "nas.local"],
    authorities: [{ registry: "registry.example.org:5000", file: "/etc/ca.pem" }],
    mirrors: [
      { registry: "docker.io", mirror: "http://mirror:5000" },
      { registry: "docker.io", mirror: "harbor.example.org/hub" },
    ],
    forget: ["old:5000"],
    cacheSize: 20e9,
  });
  assert.deepEqual(settingsChange({ cacheSize: "default" }), { cacheSize: "default" });
});

const wrong: readonly SettingsFlags[] = [
  { registryHttp: ["registry/team"] },
  { registryCa: ["registry.example.org"] },
  { registryMirror: ["docker.io"] },
  { registryMirror: ["docker.io=/x"] },
  { cacheSize: "1kB" },
  { cacheSize: "much" },
];

for (const flags of wrong) {
  test(`${JSON.stringify(flags)} is not understood`, () => {
    assert.throws(
      () => settingsChange(flags),
      (error) => isFailure(error, "USAGE"),
    );
  });
}
