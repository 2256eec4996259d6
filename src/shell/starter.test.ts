import assert from "node:assert/strict";
import { test } from "node:test";
import { startedBy } from "./starter.ts";

/** A command line, what it starts in the end, and the assignments before that. */
const cases: readonly (readonly [string, string, string?])[] = [
  ["curl -O x", "curl -O x"],
  ["env A=1 B=2 go build", "go build", "A=1 B=2"],
  ["env -i PATH=/bin curl x", "curl x", "PATH=/bin"],
  ["env -u HOME curl x", "curl x"],
  ["env -S curl", "env -S curl"],
  ["env", "env"],
  ["exec gosu app sh -c x", "sh -c x"],
  ["sudo -E -u app npm ci", "npm ci"],
  ["sudo -l", "sudo -l"],
  ["/usr/bin/sudo GOARCH=arm64 go build", "go build", "GOARCH=arm64"],
  ["command -v curl", "command -v curl"],
  ["command curl", "curl"],
  ["nice -n 5 make -j4", "make -j4"],
  ["nice -5 make", "make"],
  ["timeout 20 curl x", "curl x"],
  ["timeout -k 5 --signal=KILL 20s nice curl x", "curl x"],
  ["timeout --signal KILL 20 curl x", "curl x"],
  ["stdbuf -oL make", "make"],
  ["stdbuf -o L make", "make"],
  ["xargs -n1 -P 4 curl -O", "curl -O"],
  ["xargs", "xargs"],
  ["nohup -- server -v", "server -v"],
];
function shown(words: readonly { readonly text: string }[]): string {
  return words.map(({ text }) => text).join(" ");
}

for (const [line, started, assignments = ""] of cases)
  test(`${line} starts ${started}`, () => {
    const found = startedBy(line.split(" ").map((text) => ({ text })));
    assert.deepEqual([shown(found.words), shown(found.assignments)], [started, assignments]);
  });
