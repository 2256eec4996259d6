import assert from "node:assert/strict";
import { test } from "node:test";
import { carryOut, type Step } from "./plan.ts";
import type { ReportEvent } from "./report.ts";

const never = new AbortController().signal;

function recorder() {
  const log: string[] = [];
  const events: ReportEvent[] = [];
  const step = (id: string, act?: () => Promise<void>): Step => ({
    id,
    title: id,
    reason: "it is wanted",
    commands: [["do", id]],
    act: async () => {
      await act?.();
      log.push(`do ${id}`);
    },
    undo: async () => {
      log.push(`undo ${id}`);
    },
  });
  return {
    log,
    events,
    step,
    options: { report: (event: ReportEvent) => events.push(event), signal: never },
  };
}

test("steps are carried out in order, each shown with its command", async () => {
  const { log, events, step, options } = recorder();
  const done = await carryOut([step("one"), step("two")], options);
  assert.deepEqual(log, ["do one", "do two"]);
  assert.deepEqual(
    done.map(({ id }) => id),
    ["one", "two"],
  );
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["step", "command", "step", "command"],
  );
});

test("a dry run shows everything and does nothing", async () => {
  const { log, events, step, options } = recorder();
  assert.deepEqual(await carryOut([step("one")], { ...options, dryRun: true }), []);
  assert.deepEqual(log, []);
  assert.equal(events.length, 2);
});

test("where a step fails, those before it are undone, newest first, and its error is thrown", async () => {
  const { log, step, options } = recorder();
  const broken = step("three", async () => {
    throw new Error("no");
  });
  await assert.rejects(carryOut([step("one"), step("two"), broken], options), /no/);
  assert.deepEqual(log, ["do one", "do two", "undo two", "undo one"]);
});

test("an undo that fails is told and does not hide the first error", async () => {
  const { events, step, options } = recorder();
  const stuck: Step = {
    ...step("one"),
    undo: async () => {
      throw new Error("stuck");
    },
  };
  const broken = step("two", async () => {
    throw new Error("first");
  });
  await assert.rejects(carryOut([stuck, broken], options), /first/);
  assert.ok(events.some((event) => event.kind === "warning" && event.text.includes("stuck")));
});
