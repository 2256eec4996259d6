import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { temporaryDirectory } from "../../test/directory.ts";
import { parseWaivers, readWaivers } from "./waivers.ts";

const one = `
    - rule: file-machine
      path: /opt/tools/**
      reason: kept for devices
      until: 2026-12-31
`;
const read = [
  { rule: "file-machine", path: "/opt/tools/**", reason: "kept for devices", until: "2026-12-31" },
];

test("waivers stand under x-transship of a compose file, or at the top of a file of their own", () => {
  const compose = `services:\n  app:\n    image: app\nx-transship:\n  waivers:${one}`;
  assert.deepEqual(parseWaivers("compose.yaml", compose), read);
  assert.deepEqual(parseWaivers("waivers.yaml", `waivers:${one}`), read);
});

test("a compose file without them has none", () => {
  assert.deepEqual(parseWaivers("compose.yaml", "services: {}\n"), []);
  assert.deepEqual(parseWaivers("compose.yaml", "x-transship: {servers: []}\n"), []);
});

const wrong: Readonly<Record<string, string>> = {
  "no reason": "waivers: [{rule: label, until: 2026-12-31}]",
  "no end": "waivers: [{rule: label, reason: because}]",
  "a date that is none": "waivers: [{rule: label, reason: because, until: tomorrow}]",
  "a word that is not known":
    "waivers: [{rule: label, reason: because, until: 2026-12-31, file: x}]",
  "a path from nowhere": "waivers: [{rule: label, reason: because, until: 2026-12-31, path: opt}]",
  "broken YAML": "waivers: [",
  "a key twice": "waivers: []\nwaivers: []\n",
  "something else": "waivers: 3",
};

for (const [name, text] of Object.entries(wrong)) {
  test(`${name} is WAIVERS_INVALID`, () => {
    assert.throws(
      () => parseWaivers("waivers.yaml", text),
      (error) => isFailure(error, "WAIVERS_INVALID") && error.facts["path"] === "waivers.yaml",
    );
  });
}

test("a file that is named has to be there, and a compose file that cannot be read is said", async (t) => {
  const directory = await temporaryDirectory(t);
  const missing = path.join(directory, "waivers.yaml");
  await assert.rejects(
    readWaivers(missing),
    (error) => isFailure(error, "WAIVERS_INVALID") && /there is no such file/.test(error.message),
  );
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(directory);
  assert.deepEqual(await readWaivers(), []);
  await mkdir("compose.yml");
  await assert.rejects(
    readWaivers(),
    (error) => isFailure(error, "WAIVERS_INVALID") && error.facts["path"] === "compose.yml",
  );
});

test("the line where it is wrong is told", () => {
  assert.throws(
    () =>
      parseWaivers(
        "w.yaml",
        `waivers:${one}    - rule: label\n      reason: because\n      until: soon\n`,
      ),
    /line 8: waivers\.1\.until/,
  );
});
