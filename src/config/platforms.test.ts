import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPlatform } from "../platform/platform.ts";
import { chosenPlatforms, type SaidPlatforms } from "./platforms.ts";

type Said = Partial<SaidPlatforms>;
const amd64 = ["linux/amd64"];
const arm64 = ["linux/arm64"];
const both = ["linux/amd64", "linux/arm64"];

const chosen: readonly (readonly [Said, readonly string[]])[] = [
  [{}, amd64],
  [{ shared: arm64 }, arm64],
  [{ shared: both, run: "linux/arm64" }, arm64],
  [{ shared: amd64, build: both }, both],
  [{ shared: amd64, own: both }, both],
  [{ build: both, run: "linux/arm64" }, both],
  [{ own: both, build: ["linux/arm64", "x86_64"] }, both],
  [{ own: both, run: "arm64" }, both],
  [{ run: "linux/arm/v7" }, ["linux/arm/v7"]],
];
for (const [said, expected] of chosen) {
  test(`${JSON.stringify(said)} is built for ${expected.join()}`, () => {
    const platforms = chosenPlatforms({ build: [], ...said }, ["services", "web"]);
    assert.ok(!("text" in platforms));
    assert.deepEqual(platforms.map(formatPlatform), expected);
  });
}

const refused: readonly (readonly [Said, string, RegExp])[] = [
  [{ own: amd64, build: both }, "services.web.x-transship.platforms", /leave one of them out/],
  [{ own: amd64, run: "linux/arm64" }, "services.web.platform", /does not build it/],
  [{ build: ["windows/amd64"] }, "services.web.build.platforms", /not a platform/],
  [{ run: "linux/amd65" }, "services.web.platform", /linux\/arm64/],
];
for (const [said, way, words] of refused) {
  test(`${JSON.stringify(said)} is a contradiction, or no platform`, () => {
    const problem = chosenPlatforms({ build: [], ...said }, ["services", "web"]);
    assert.ok("text" in problem);
    assert.equal(problem.way.join("."), way);
    assert.match(problem.text, words);
  });
}
