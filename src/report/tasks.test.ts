import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../process/task.ts";
import { plain } from "./style.ts";
import { overLine, runningLines, type SeenTask } from "./tasks.ts";

const screen = { columns: 50, style: plain };

function task(more: Partial<Task> = {}): Task {
  return { number: 1, title: "[2/5] RUN make", state: "running", isMain: true, ms: 1_000, ...more };
}

function seen(more: Partial<Task>, lastLine?: string): SeenTask {
  return { task: task(more), at: 0, ...(lastLine === undefined ? {} : { lastLine }) };
}

test("a task that is over has one line, as wide as the terminal allows", () => {
  assert.equal(
    overLine(task({ state: "done", execution: "emulated" }), screen),
    "✓ [2/5] RUN make                  emulated  1.0 s",
  );
  assert.equal(
    overLine(task({ state: "cached" }), screen)?.replace(/ {2,}/, "  "),
    "- [2/5] RUN make  cached",
  );
  const long = overLine(task({ state: "failed", title: `[2/5] RUN ${"x".repeat(90)}` }), screen);
  assert.match(long ?? "", /^✗ \[2\/5\] RUN x+… {2}1\.0 s$/);
  assert.ok((long?.length ?? 0) <= screen.columns);
});

test("bookkeeping is shown when it fails, or takes long", () => {
  const title = "[internal] load build context";
  assert.equal(overLine(task({ title, isMain: false, state: "done" }), screen), undefined);
  assert.match(overLine(task({ title, isMain: false, state: "failed" }), screen) ?? "", /^✗/);
  const running = seen({ title, isMain: false, ms: 0 });
  assert.deepEqual(runningLines([running], 500, screen), ["0 done, 0 cached, 1 running"]);
  assert.match(runningLines([running], 2_000, screen)[0] ?? "", /^▸ \[internal\] .* 2\.0 s$/);
});

test("what runs has its time, its bytes and its last words; below stands the sum", () => {
  const bytes = { current: 10_000_000, total: 40_000_000 };
  const all = [
    seen({ execution: "emulated" }, "downloading\r 40 %\r\u001B[31m80\t%\u001B[0m"),
    seen({ number: 2, title: "exporting", bytes }),
    seen({ number: 3, state: "done" }),
    seen({ number: 4, state: "cached" }),
  ];
  assert.deepEqual(runningLines(all, 500, screen), [
    "▸ [2/5] RUN make                  emulated  1.5 s",
    "    80 %",
    "▸ exporting             10.0 MB of 40.0 MB  1.5 s",
    "1 done, 1 cached, 2 running (1 emulated)",
  ]);
});

test("a wide terminal has room for the rate, and for the time that is left", () => {
  const bytes = { current: 10_000_000, total: 40_000_000 };
  const wide = { columns: 80, style: plain };
  const [line] = runningLines([seen({ title: "layer", bytes })], 1_000, wide);
  assert.match(line ?? "", /^▸ layer +10\.0 MB of 40\.0 MB {2}5\.0 MB\/s, 6 s left {2}2\.0 s$/);
  const slow = { current: 100_000, total: 40_000_000 };
  const [long] = runningLines([seen({ title: "layer", bytes: slow })], 1_000, wide);
  assert.match(long ?? "", /50\.0 kB\/s, 13 min 18 s left/);
});

test("where nothing runs nothing is drawn", () => {
  assert.deepEqual(runningLines([seen({ state: "done" })], 0, screen), []);
});
