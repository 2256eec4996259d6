import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatCommand, quote, redact } from "./command.ts";

test("a quoted argument reads back unchanged in a real sh", () => {
  const argument = fc
    .string({ unit: "binary", maxLength: 40 })
    .filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 4 }), (words) => {
      const line = `printf '%s\\0' ${words.map(quote).join(" ")}`;
      const back = execFileSync("sh", ["-c", line], { encoding: "utf8" });
      assert.deepEqual(back.split("\0").slice(0, -1), words);
    }),
    { numRuns: 50 },
  );
});

test("a shown command can be pasted", () => {
  assert.equal(
    formatCommand([
      "docker",
      "image",
      "inspect",
      "--format={{.Architecture}}/{{.Os}}",
      "rustci:local-amd64",
    ]),
    "docker image inspect --format='{{.Architecture}}/{{.Os}}' rustci:local-amd64",
  );
});

const redacted: Readonly<Record<string, string>> = {
  "NPM_TOKEN=abc": "NPM_TOKEN=***",
  "--build-arg=DB_PASSWORD=abc": "--build-arg=DB_PASSWORD=***",
  "https://me:abc@example.org/x": "https://me:***@example.org/x",
  "HTTP_PROXY=http://u:p@proxy:3128": "HTTP_PROXY=http://u:***@proxy:3128",
  "id=npm,src=/run/npm": "id=npm,src=/run/npm",
  "--secret=id=token,env=TOKEN": "--secret=id=token,env=TOKEN",
  "VERSION=1.2": "VERSION=1.2",
  "AUTHOR=me": "AUTHOR=me",
};

for (const [argument, shown] of Object.entries(redacted)) {
  test(`${argument} is shown as ${shown}`, () => {
    assert.equal(redact(argument), shown);
  });
}
