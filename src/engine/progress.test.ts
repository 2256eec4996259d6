import assert from "node:assert/strict";
import { test } from "node:test";
import { createStatusReader } from "./progress.ts";

const line = JSON.stringify({
  vertexes: [
    {
      digest: "sha256:a",
      inputs: ["sha256:b"],
      name: "[linux/arm64 build 2/5] RUN npm ci",
      started: "2026-11-26T13:25:22.572048734Z",
      completed: null,
    },
  ],
  statuses: [
    { id: "transferring context:", vertex: "sha256:a", name: "transferring", current: 30 },
  ],
  logs: [
    {
      vertex: "sha256:a",
      stream: 2,
      data: "ZXJyCg==",
      timestamp: "2026-11-26T13:25:22.700000000Z",
    },
  ],
  warnings: [{ vertex: "sha256:a", level: 1, short: "VXBwZXIgY2FzZSAobGluZSAxKQ==" }],
});

function readAll(lines: readonly string[]) {
  const read = createStatusReader();
  return lines.map((one) => read(one)).filter((one) => one !== undefined);
}

test("a status has steps, counts, output and warnings", () => {
  const [status] = readAll([line]);
  assert.ok(status !== undefined && "vertexes" in status);
  const [vertex] = status.vertexes;
  assert.equal(vertex?.name, "[linux/arm64 build 2/5] RUN npm ci");
  assert.equal(vertex?.completed, undefined);
  assert.equal(vertex?.cached, false);
  assert.equal(status.statuses[0]?.current, 30);
  assert.equal(Buffer.from(status.logs[0]?.data ?? []).toString(), "err\n");
  assert.deepEqual(status.warnings, ["Upper case (line 1)"]);
});

test("times keep what Date does not read: BuildKit counts in nanoseconds", () => {
  const [status] = readAll([line]);
  assert.ok(status !== undefined && "vertexes" in status);
  const started = status.vertexes[0]?.started ?? 0;
  assert.ok(Math.abs((started % 1) - 0.048734) < 0.001, String(started));
});

test("buildx 0.13 indents each document, and text stands between them", () => {
  const indented = JSON.stringify(JSON.parse(line), undefined, 2).split("\n");
  const found = readAll(["WARNING: no output", ...indented, "", "ERROR: failed to solve: x", line]);
  assert.deepEqual(
    found.map((one) => ("text" in one ? one.text : one.vertexes.length)),
    ["WARNING: no output", 1, "", "ERROR: failed to solve: x", 1],
  );
});

test("what only looks like a status is text", () => {
  for (const text of ["{", "{}x", '{"vertexes":7}', "null", "[]", '{"vertexes":[{}]}']) {
    const [found] = readAll(text === "{" ? ["{", "broken", "}"] : [text]);
    assert.ok(found !== undefined && "text" in found, text);
  }
});
