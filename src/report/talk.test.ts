import assert from "node:assert/strict";
import { test } from "node:test";
import { talkLine } from "./talk.ts";

const usual = { quiet: false, verbose: false };

test("commands are ready to paste, secrets struck out", () => {
  const argv = ["docker", "run", "--env", "API_TOKEN=abc", "two words"];
  assert.equal(
    talkLine({ kind: "command", argv }, usual),
    "$ docker run --env 'API_TOKEN=***' 'two words'",
  );
});

test("--quiet keeps warnings only, --verbose adds details", () => {
  const quiet = { ...usual, quiet: true };
  assert.equal(talkLine({ kind: "note", text: "x" }, quiet), undefined);
  assert.equal(talkLine({ kind: "warning", text: "x" }, quiet), "warning: x");
  assert.equal(talkLine({ kind: "detail", text: "x" }, usual), undefined);
  assert.equal(talkLine({ kind: "detail", text: "x" }, { ...usual, verbose: true }), "x");
});

test("what a server or a container says does nothing to the terminal", () => {
  const text = "\u001B[2J\u001B]0;pwned\u0007it\rsays\u202E: ä\tb";
  const shown = "·[2J·]0;pwned·it·says·: ä\tb";
  assert.equal(talkLine({ kind: "note", text }, usual), shown);
  assert.equal(talkLine({ kind: "warning", text }, usual), `warning: ${shown}`);
});
