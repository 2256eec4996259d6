import assert from "node:assert/strict";
import { test } from "node:test";
import { readShebang } from "./script.ts";

const lines: readonly (readonly [string, ReturnType<typeof readShebang>])[] = [
  ["#!/bin/sh\necho", { interpreter: "/bin/sh" }],
  ["#! /usr/bin/env node\n", { interpreter: "/usr/bin/env", argument: "node" }],
  ["#!/usr/bin/env -S node --flag\n", { interpreter: "/usr/bin/env", argument: "-S node --flag" }],
  ["#!/bin/sh", { interpreter: "/bin/sh" }],
  ["#!/bin/sh \t\n", { interpreter: "/bin/sh" }],
  ["#!/bin/sh -e \n", { interpreter: "/bin/sh", argument: "-e" }],
  // Without an end of the line the spaces are not trimmed, and an empty argument follows them.
  ["#!/bin/sh ", { interpreter: "/bin/sh", argument: "" }],
  ["#!/bin/sh\0-e\n", { interpreter: "/bin/sh" }],
  ["#!", { interpreter: "" }],
  ["#! \t\n", undefined],
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

const space = (count: number) => " ".repeat(count);
const word = (count: number) => "x".repeat(count);

test("an interpreter whose name may be cut off after 256 bytes is refused", () => {
  assert.equal(readShebang(Buffer.from(`#!/${word(300)}\n`)), undefined);
  assert.equal(readShebang(Buffer.from(`#!/${word(253)}\n`)), undefined);
  assert.equal(readShebang(Buffer.from(`#!${space(300)}/bin/sh\n`)), undefined);
  const longest = readShebang(Buffer.from(`#!/${word(252)}\n`));
  assert.equal(longest?.interpreter.length, 253);
});

test("an argument is cut off at the 255th byte", () => {
  const long = readShebang(Buffer.from(`#!/bin/sh ${word(300)}\n`));
  assert.deepEqual(long, { interpreter: "/bin/sh", argument: word(255 - 10) });
});
