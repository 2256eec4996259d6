/** The watch after the switch, in the shells that a server may have. The clock and the release are stubs. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { runPieces } from "../../../test/deploy/pieces.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { shells } from "../../../test/process/shell.ts";

/** Each second is a millisecond; `$ms` goes on as sleeps do, and 100 with each question. */
const stubs = `ms=0 settled_at=0 restarts_before= restarts=0 container=shop-v2 asked=0 reason= bad_at=
now() { echo "$ms"; }
sleep() { ms=$((ms + $1 * 1000)); }
pause() { ms=$((ms + 200)); }
strategy=recreate
recreate_serves_well() { :; }
is_well() {
  is_over= asked=$((asked + 1)) ms=$((ms + 100))
  look_at || { reason=ill; return 1; }
}`;

interface Watch {
  readonly words: string;
  /** The function `look_at`: by \`$ms\` and \`$asked\`. */
  readonly looks: string;
}

async function bake(t: TestContext, { words, looks }: Watch) {
  const place = await temporaryDirectory(t);
  const script = `${stubs}\nlook_at() { ${looks}; }\nbake 10; echo "$? $ms|$asked|$reason|$bad_at"`;
  const { stdout, stderr } = await runPieces(t, { words, pieces: ["bake"], place, script });
  assert.equal(stderr, "");
  return stdout.trimEnd();
}

/** What the release does, and what the watch comes to: exit code, milliseconds, questions, reason, when it was bad first. */
const watches: Readonly<Record<string, readonly [string, string]>> = {
  "it stays well": [":", "0 11000|10||"],
  "one bad answer is none": ['test "$asked" -ne 3', "0 10000|10|ill|2300"],
  "two in a row are": ['test "$asked" -lt 3', "1 2400|4|ill|2300"],
  "a bad one at the very end is asked again": ['test "$asked" -lt 10', "1 10100|11|ill|10000"],
  "a slow bad one is enough": [
    'test "$asked" -lt 3 || { ms=$((ms + 2000)); return 1; }',
    "1 4300|3|ill|4300",
  ],
  "one that will not become well again is enough": [
    'test "$asked" -lt 3 || { is_over=yes; return 1; }',
    "1 2300|3|ill|2300",
  ],
  "its main process was started again": [
    'test "$asked" -lt 3 || restarts=1',
    "1 2300|3|its main process ended and was started again|2300",
  ],
  "an engine that starts anew has it settle": [
    "case $asked in 3) settled_at=$((ms + 3000)); return 1 ;; 4 | 5) return 1 ;; esac",
    "0 10800|12|ill|",
  ],
  "what has not settled when the watch would be over is watched on": [
    'test "$asked" -ne 8 || settled_at=$((ms + 30000)); test "$asked" -lt 8',
    "1 37900|109|ill|37800",
  ],
};
for (const { words, skip } of shells) {
  for (const [name, [looks, expected]] of Object.entries(watches))
    test(`${words}: ${name}`, { skip }, async (t) => {
      assert.equal(await bake(t, { words, looks }), expected);
    });
}
