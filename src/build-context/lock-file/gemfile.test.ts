import assert from "node:assert/strict";
import { test } from "node:test";
import { assertReadOrRefused } from "../../../test/damaged-lock-file.ts";
import { parsePlatform } from "../../platform/platform.ts";
import { readGemfileLock } from "./gemfile.ts";

const lock = (...platforms: readonly string[]) => `GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.18.0-arm64-darwin)
    rack (3.1.8)

PLATFORMS
${platforms.map((name) => `  ${name}\n`).join("")}
DEPENDENCIES
  nokogiri
  rack

BUNDLED WITH
   2.6.2
`;

/** The platforms of a lock file, and those that it keeps out. */
const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["arm64-darwin-22"], ["linux/amd64", "linux/arm64"]],
  [["arm64-darwin-22", "x86_64-linux"], ["linux/arm64"]],
  [["aarch64-linux", "x86_64-linux"], []],
  [["aarch64-linux-gnu", "x86_64-linux-musl"], []],
  [["arm64-darwin-22", "ruby"], []],
  [["universal-java-11"], []],
];

for (const [platforms, kept] of cases)
  test(`a lock file for ${platforms.join(" and ")} keeps out ${kept.join(" and ") || "nobody"}`, () => {
    const asked = ["linux/amd64", "linux/arm64", "linux/arm/v7"].map(parsePlatform);
    for (const text of [lock(...platforms), lock(...platforms).replaceAll("\n", "\r\n")]) {
      const problems = readGemfileLock({ path: "Gemfile.lock", text }, asked);
      const found = problems.map(({ platform }) => `${platform.os}/${platform.architecture}`);
      assert.deepEqual(found, kept);
    }
  });

test("it says what Bundler then says, and how the platform is added", () => {
  const platforms = [parsePlatform("linux/arm64")];
  const text = lock("x86_64-linux", "arm64-darwin-22");
  assert.deepEqual(readGemfileLock({ path: "Gemfile.lock", text }, platforms), [
    {
      platform: platforms[0],
      detail:
        "Gemfile.lock is for x86_64-linux and arm64-darwin-22 alone: frozen, as with BUNDLE_DEPLOYMENT, nothing is installed by it on linux/arm64.",
      fix: "bundle lock --add-platform aarch64-linux",
      isInProduction: true,
      failure:
        'Your bundle only supports platforms ["x86_64-linux","arm64-darwin-22"] but your local platform is aarch64-linux.',
    },
  ]);
});

test("what is no lock file of Bundler is refused", () => {
  for (const text of ["", "<<<<<<< HEAD\n", "{}"])
    assert.throws(() => readGemfileLock({ path: "Gemfile.lock", text }, []), SyntaxError);
});

test("a damaged lock file is read, or refused with a reason", () => {
  const texts = [["Gemfile.lock", lock("arm64-darwin-22")]] as const;
  const marks = ["\n", "PLATFORMS\n", "DEPENDENCIES\n", "  "];
  const platforms = [parsePlatform("linux/amd64")];
  assertReadOrRefused(texts, marks, (path, text) => readGemfileLock({ path, text }, platforms));
});
