import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "./finding.ts";
import { applyWaivers, type Waiver, waiverFindings } from "./waiver.ts";

const finding: Finding = {
  rule: "file-machine",
  severity: "warning",
  message: "…",
  path: "/opt/tools/arm/gdb",
};

function waiver(words: Partial<Waiver> = {}): Waiver {
  return { rule: "file-machine", reason: "kept for devices", until: "2026-12-31", ...words };
}

const globs: readonly (readonly [glob: string, isMatch: boolean])[] = [
  ["/opt/tools/arm/gdb", true],
  ["/opt/**", true],
  ["/opt/**/gdb", true],
  ["/opt/tools/*/gdb", true],
  ["/opt/tools/???/gdb", true],
  ["/opt/*", false],
  ["/opt/tools", false],
  ["/opt/tools/arm/g.b", false],
];

for (const [path, isMatch] of globs) {
  test(`the waiver of ${path} ${isMatch ? "waives" : "leaves"} ${finding.path}`, () => {
    const { findings, waived } = applyWaivers([finding], [waiver({ path })], "2026-11-25");
    assert.deepEqual([findings.length, waived.length], isMatch ? [0, 1] : [1, 0]);
  });
}

test("a waiver is of one rule, and of all its findings where it names no path", () => {
  const other = { ...finding, rule: "path-machine" };
  const { findings, waived } = applyWaivers([finding, other], [waiver()], "2026-11-25");
  assert.deepEqual(findings, [other]);
  assert.deepEqual(waived[0]?.waived.reason, "kept for devices");
});

test("a waiver holds on its last day; the day after it waives nothing, and is an error itself", () => {
  const own = waiver();
  assert.equal(applyWaivers([finding], [own], "2026-12-31").findings.length, 0);
  const { findings, used } = applyWaivers([finding], [own], "2027-01-01");
  assert.deepEqual(findings, [finding]);
  const [about] = waiverFindings([own], used, "2027-01-01");
  assert.deepEqual([about?.rule, about?.severity], ["waiver-expired", "error"]);
});

test("a waiver that nothing needed is told", () => {
  const own = waiver({ path: "/nowhere/**" });
  const { used } = applyWaivers([finding], [own], "2026-11-25");
  const [about] = waiverFindings([own], used, "2026-11-25");
  assert.deepEqual([about?.rule, about?.severity], ["waiver-unused", "warning"]);
  assert.match(about?.message ?? "", /file-machine for \/nowhere\/\*\*/);
});
