import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePlatform } from "../../platform/platform.ts";
import { lockFileChecks } from "./lock-file.ts";

function check(path: string, text: string, platforms: readonly string[] = ["linux/amd64"]) {
  return lockFileChecks({ path, text }, platforms.map(parsePlatform));
}

const wheel = "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl";

test("each platform that a lock file leaves something out for has its own line, with a fix", () => {
  assert.deepEqual(check("requirements.txt", wheel, ["linux/amd64", "linux/arm64"]), [
    {
      id: "lock-file",
      status: "warn",
      detail: `requirements.txt names wheels that linux/arm64 does not take: ${wheel}.`,
      fix: "Name the package and its version instead, or give the line a marker: ; platform_machine == 'aarch64'",
    },
  ]);
});

test("a lock file that leaves nothing out passes for all platforms at once", () => {
  const detail =
    "Nothing is missing from requirements.txt for linux/amd64 and linux/arm64, as far as it tells.";
  assert.deepEqual(check("requirements.txt", "a==1.0", ["linux/amd64", "linux/arm64"]), [
    { id: "lock-file", status: "pass", detail },
  ]);
});

test("what is no lock file is not spoken of", () => {
  assert.deepEqual(check("package.json", "{}"), []);
});

const unread: readonly (readonly [string, string, string])[] = [
  ["package-lock.json", "{", "it is not JSON"],
  ["package-lock.json", "[]", "it is not a lock file of npm"],
  ["package-lock.json", '{"lockfileVersion":3,"packages":{"a":1}}', "it is not a lock file of npm"],
  [
    "package-lock.json",
    '{"lockfileVersion":1,"dependencies":{}}',
    "its version 1 does not tell packages' platforms",
  ],
  ["pnpm-lock.yaml", "<<<<<<< HEAD\n", "it is not a lock file of pnpm"],
  ["yarn.lock", "", "it is not a lock file of Yarn"],
  ["uv.lock", "{}", "it is not a lock file of uv"],
  ["poetry.lock", "", "it is not a lock file of Poetry"],
];

for (const [name, text, reason] of unread)
  test(`${name} with ${JSON.stringify(text)} is not checked: ${reason}`, () => {
    const detail = `a/${name} was not checked: ${reason}.`;
    assert.deepEqual(check(`a/${name}`, text), [{ id: "lock-file", status: "skip", detail }]);
  });

test("any JSON is checked or passed over as a lock file of npm", () => {
  const names = fc.constantFrom(
    "lockfileVersion",
    "packages",
    "optionalDependencies",
    "__proto__",
    "node_modules/a",
  );
  const any = fc.dictionary(names, fc.jsonValue());
  fc.assert(
    fc.property(any, any, (document, packages) => {
      const text = JSON.stringify({ lockfileVersion: 3, ...document, packages });
      assert.equal(check("package-lock.json", text).length, 1);
    }),
  );
});
