import assert from "node:assert/strict";
import { test } from "node:test";
import { checkArgs, readChecks } from "./dockerfile-check.ts";

test("the checks are asked for as JSON, with the build's arguments", () => {
  const options = { context: "web", dockerfile: "web/Dockerfile", target: "run" };
  assert.equal(
    checkArgs({ ...options, buildArgs: new Map([["A", "1"]]) }).join(" "),
    "buildx build --call=check,format=json --file web/Dockerfile --build-arg A=1 --target run web",
  );
});

test("each warning has its rule, its lines and its page", () => {
  const ranges = [{ start: { line: 3 }, end: { line: 4 } }];
  const url = "https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/";
  const warning = {
    ruleName: "MaintainerDeprecated",
    description: "x",
    detail: "d",
    url,
    location: { ranges },
  };
  assert.deepEqual(readChecks(JSON.stringify({ warnings: [warning], sources: [] })), {
    warnings: [{ rule: "MaintainerDeprecated", detail: "d", url, lines: { start: 3, end: 4 } }],
  });
  const failed = { warnings: null, buildError: { message: "no such image" } };
  assert.deepEqual(readChecks(JSON.stringify(failed)), { warnings: [], problem: "no such image" });
});
