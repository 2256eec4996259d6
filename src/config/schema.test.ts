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

for (const host of ["app_1.example.org", "a..b", "*", "-a.example.org"])
  test(`deploy.host does not take ${host}`, () => {
    assert.equal(settings.safeParse({ deploy: { host: [host] } }).success, false);
  });

test("a moment of a day is no end, and a text no switch", () => {
  const waiver = { rule: "label", reason: "why", until: "2031-12-31T12:00:00Z" };
  assert.equal(settings.safeParse({ waivers: [waiver] }).success, false);
  assert.equal(settings.safeParse({ push: "yes" }).success, false);
});

const deployed: Readonly<Record<string, unknown>> = {
  strategy: "recreate",
  host: ["App.example.org", "*.example.org"],
  port: "8080",
  health_path: "/up",
  good_answers: 3,
  start_timeout: "1h30m",
  drain_timeout: "24h",
  on_failure: "leave",
  hooks: { before_switch: ["bin/migrate", "--all"], timeout: "5m" },
  single_writer: "true",
};
for (const [key, value] of Object.entries(deployed)) {
  test(`deploy.${key} takes ${JSON.stringify(value)}`, () => {
    assert.ok(settings.safeParse({ deploy: { [key]: value } }).success);
  });
}

const refused: Readonly<Record<string, unknown>> = {
  strategy: "rolling",
  host: ["https://app.example.org"],
  port: 65_536,
  health_path: "up",
  good_answers: 0,
  start_timeout: 90,
  stop_timeout: "90",
  drain_timeout: "24h1s",
  max_parallel: "all",
  on_failure: "pause",
  hooks: { after_switch: "x" },
  hosts: [],
};
for (const [key, value] of Object.entries(refused)) {
  test(`deploy.${key} does not take ${JSON.stringify(value)}`, () => {
    assert.equal(settings.safeParse({ deploy: { [key]: value } }).success, false);
  });
}
