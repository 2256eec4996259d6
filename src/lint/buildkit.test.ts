import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { withBuildkit } from "./buildkit.ts";
import { inspectDockerfile } from "./inspect.ts";

test("BuildKit's own checks stand among the findings, but for what a rule says in more words", () => {
  const text = "FROM --platform=linux/amd64 alpine\n  MAINTAINER me\nRUN true\n";
  const own = inspectDockerfile(text, { platforms: [parsePlatform("linux/arm64")] });
  const warnings = [
    {
      rule: "MaintainerDeprecated",
      detail: "Use a label",
      url: "https://x",
      lines: { start: 2, end: 2 },
    },
    { rule: "FromPlatformFlagConstDisallowed", detail: "d", url: "u", lines: { start: 1, end: 1 } },
    { rule: "InvalidDefaultArgInFrom", detail: "d.", url: "u" },
  ];
  const found = withBuildkit(own, { warnings }, text);
  assert.deepEqual(
    found.map(({ rule, range, message }) => [
      rule,
      range.line,
      range.column,
      range.endColumn,
      message.slice(0, 24),
    ]),
    [
      ["buildkit/InvalidDefaultArgInFrom", 1, 1, 35, "BuildKit: d."],
      ["R3", 1, 6, 28, "Built for linux/arm64, t"],
      ["buildkit/MaintainerDeprecated", 2, 3, 16, "BuildKit: Use a label."],
    ],
  );
});
