import assert from "node:assert/strict";
import { test } from "node:test";
import { readShebang } from "./script.ts";

const lines: readonly (readonly [string, ReturnType<typeof readShebang>])[] = [
  ["#!/bin/sh\necho", { interpreter: "/bin/sh" }],
  ["#! /usr/bin/env node\n", { interpreter: "/usr/bin/env", argument: "node" }],
  ["#!/usr/bin/env -S node --flag\n", { interpreter: "/usr/bin/env", argument: "-S node --flag" }],
  ["#!/bin/sh", { interpreter: "/bin/sh" }],
  ["#!/bin/sh \t\n", { interpreter: "/bin/sh" }],
  ["#!/bin/sh\r\n", { interpreter: "/bin/sh\r" }],
  ["#!\n", undefined],
  ["\u{FEFF}#!/bin/sh\n", undefined],
  ["echo hello\n", undefined],
  ["", undefined],
];

for (const [text, shebang] of lines) {
  test(`the kernel reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(readShebang(Buffer.from(text)), shebang);
  });
}

test("the kernel reads 256 bytes and no more", () => {
  const long = readShebang(Buffer.from(`#!/${"x".repeat(300)}\n`));
  assert.equal(long?.interpreter.length, 254);
});
