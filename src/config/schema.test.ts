import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { settings } from "./schema.ts";

const { properties } = z
  .object({
    properties: z.record(
      z.string(),
      z.object({ description: z.string(), examples: z.array(z.unknown()).default([]) }),
    ),
  })
  .parse(z.toJSONSchema(settings, { io: "input" }));

for (const [name, { description, examples }] of Object.entries(properties)) {
  test(`${name} says who reads it, and its examples are taken`, () => {
    assert.match(description, / (?:Read by `[a-z`, ]+`|No verb reads it yet)\.$/);
    for (const example of examples)
      assert.ok(settings.safeParse({ [name]: example }).success, String(example));
  });
}

test("what comes from a variable, or through Compose's reader of dates, is taken for what it is", () => {
  const waiver = { rule: "label", reason: "why", until: "2031-12-31T00:00:00Z" };
  assert.deepEqual(settings.parse({ push: "false", waivers: [waiver] }), {
    push: false,
    waivers: [{ ...waiver, until: "2031-12-31" }],
  });
});

test("a moment of a day is no end, and a text no switch", () => {
  const waiver = { rule: "label", reason: "why", until: "2031-12-31T12:00:00Z" };
  assert.equal(settings.safeParse({ waivers: [waiver] }).success, false);
  assert.equal(settings.safeParse({ push: "yes" }).success, false);
});
