import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, isFailure } from "../errors.ts";
import { waitFor } from "./wait.ts";

const never = new AbortController().signal;

test("it looks until something is seen", async () => {
  let looks = 0;
  const seen = await waitFor(async () => (++looks === 3 ? "there" : undefined), {
    what: "It",
    deadlineMs: 5000,
    everyMs: 1,
    signal: never,
  });
  assert.equal(seen, "there");
  assert.equal(looks, 3);
});

test("the deadline that passed is named", async () => {
  await assert.rejects(
    waitFor(async () => undefined, {
      what: "The container",
      deadlineMs: 30,
      everyMs: 1,
      signal: never,
    }),
    (error) =>
      isFailure(error, "DEADLINE_PASSED") && error.message.startsWith("The container did not"),
  );
});

test("an interrupt ends the wait", async () => {
  const interruption = new AbortController();
  setTimeout(() => interruption.abort(fail("TERMINATED", { signal: "SIGTERM" })), 20);
  await assert.rejects(
    waitFor(async () => undefined, { what: "It", deadlineMs: 60_000, signal: interruption.signal }),
    (error) => isFailure(error, "TERMINATED"),
  );
});
