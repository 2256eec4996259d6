import assert from "node:assert/strict";
import { test } from "node:test";
import { readRunning } from "./history.ts";

const line = (status: string) =>
  `{"cached_steps":0,"created_at":"2026-11-26T14:27:04.382041459Z","name":"app","ref":"b/b0/61n","status":"${status}","total_steps":0}`;

test("only what goes on is running", () => {
  const found = readRunning([line("Running"), line("Completed"), line("Error"), ""].join("\n"));
  assert.deepEqual(found, [
    { name: "app", ref: "b/b0/61n", createdAt: Date.parse("2026-11-26T14:27:04.382Z") },
  ]);
  assert.deepEqual(readRunning(""), []);
});

test("the help of a buildx that has no history is no answer", () => {
  assert.equal(readRunning("Usage:  docker buildx [OPTIONS] COMMAND\n"), undefined);
});
