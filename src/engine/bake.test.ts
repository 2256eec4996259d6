import assert from "node:assert/strict";
import { test } from "node:test";
import { readBakeTargets } from "./bake.ts";

test("each target has its Dockerfile, and what it is built with", () => {
  const web = {
    context: "web",
    dockerfile: "web.Dockerfile",
    args: { VERSION: "1", UNSET: null },
    target: "run",
    platforms: ["linux/amd64"],
  };
  const printed = {
    group: { default: { targets: ["web", "api"] } },
    target: { web, api: { "dockerfile-inline": "FROM a\n" } },
  };
  assert.deepEqual(readBakeTargets(JSON.stringify(printed)), [
    {
      name: "web",
      context: "web",
      dockerfile: "web.Dockerfile",
      args: new Map([["VERSION", "1"]]),
      contexts: new Map(),
      platforms: ["linux/amd64"],
      target: "run",
    },
    {
      name: "api",
      context: ".",
      dockerfile: "Dockerfile",
      args: new Map(),
      contexts: new Map(),
      platforms: [],
      inline: "FROM a\n",
    },
  ]);
});
