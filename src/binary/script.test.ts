import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
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

const echo = "/bin/echo";
const skip = process.platform !== "linux" || !existsSync(echo) ? "no Linux kernel here" : false;

test("the running kernel reads the same", { skip }, async (t) => {
  const script = path.join(await temporaryDirectory(t), "script");
  for (const line of [
    "#!/bin/echo\n",
    "#! \t/bin/echo one two \t\n",
    "#!/bin/echo one",
    "#!/bin/echo ",
    "#!/bin/echo\0one\n",
    `#!/bin/echo ${word(300)}\n`,
    `#!/bin/echo${space(300)}one\n`,
  ]) {
    await writeFile(script, line, { mode: 0o755 });
    const shebang = readShebang(Buffer.from(line));
    assert.equal(shebang?.interpreter, echo);
    const { argument } = shebang;
    const printed = [...(argument === undefined ? [] : [argument]), `${script}\n`].join(" ");
    assert.equal(execFileSync(script, { encoding: "utf8" }), printed, JSON.stringify(line));
  }
});
