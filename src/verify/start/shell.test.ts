import assert from "node:assert/strict";
import { test } from "node:test";
import { firstCommand } from "./shell.ts";

const told: Readonly<Record<string, readonly string[]>> = {
  "/app --port 80": ["/app", "--port", "80"],
  "exec node server.js": ["node", "server.js"],
  "NODE_ENV=production exec node server.js": ["node", "server.js"],
  "exec node server.js --port $PORT": ["node", "server.js", "--port"],
  "app 'a b' \"c d\" e\\ f": ["app", "a b", "c d", "e f"],
  "export A=1; app": ["app"],
  "set -e\napp\nother": ["app"],
  "app || exit 1": ["app"],
  "curl -f http://localhost/ | grep ok": ["curl", "-f", "http://localhost/"],
  "app > /dev/null 2>&1": ["app"],
};

for (const [line, argv] of Object.entries(told)) {
  test(`the shell's line ${JSON.stringify(line)} first runs ${argv.join(" ")}`, () => {
    assert.deepEqual(firstCommand(line)?.argv, argv);
  });
}

for (const line of [
  "$APP",
  "if true; then app; fi",
  "(app)",
  "{ app; }",
  ". ./env",
  "eval app",
  "",
]) {
  test(`of the shell's line ${JSON.stringify(line)} nothing is said`, () => {
    assert.equal(firstCommand(line), undefined);
  });
}

test("where the shell goes before, the command is looked for from there", () => {
  assert.deepEqual(firstCommand("cd /srv && ./app"), { argv: ["./app"], directory: "/srv" });
  assert.equal(firstCommand('cd "$HOME" && ./app'), undefined);
});
