import assert from "node:assert/strict";
import { test } from "node:test";
import { withServing } from "./status.ts";

test("the release that serves is one of them before its watch is over, too", () => {
  assert.deepEqual(withServing(["v1"], "v2"), ["v1", "v2"]);
  assert.deepEqual(withServing(["v1", "v2"], "v1"), ["v1", "v2"]);
  assert.deepEqual(withServing(["v1"], ""), ["v1"]);
});
