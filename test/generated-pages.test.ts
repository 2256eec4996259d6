/** The references of errors, rules and configuration are what the source says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { listErrors } from "../src/errors.ts";

const script = fileURLToPath(new URL("../scripts/errors-page.ts", import.meta.url));

test("docs/errors.md is current", () => {
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});

test("docs/rules.md is current", () => {
  const rulesPage = fileURLToPath(new URL("../scripts/rules-page.ts", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [rulesPage, "--check"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

test("docs/lint/ is current", () => {
  const lintPages = fileURLToPath(new URL("../scripts/lint-pages.ts", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [lintPages, "--check"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

test("docs/configuration.md and schema/ are current", () => {
  const configPage = fileURLToPath(new URL("../scripts/config-page.ts", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [configPage, "--check"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

test("every error can be shown without the facts of a moment", () => {
  for (const { code, title, shown } of listErrors()) {
    assert.match(code, /^[A-Z]+(?:_[A-Z]+)*$/);
    assert.match(title, /[^.]$/, code);
    assert.doesNotMatch(shown, /undefined|NaN|\[object/, `${code} computes with its facts`);
  }
});
