import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isFailure } from "../errors.ts";
import { environmentText } from "./environment.ts";

const secret = "correct horse";

/** The error's message; it never tells a value. */
function refusal(name: string, value: string, access = "docker"): string {
  try {
    environmentText({ FINE: secret, [name]: value }, access);
  } catch (error) {
    assert.ok(isFailure(error, "ENVIRONMENT_INVALID"), String(error));
    const told = JSON.stringify([error.message, error.hint, error.facts]);
    for (const one of [secret, value.slice(0, 200)])
      assert.ok(one === "" || !told.includes(one), told);
    return error.message;
  }
  throw new Error(`${name} was not refused`);
}

test("values of one line stand in the file as they are, in the order of their names", () => {
  const environment = { PORT: "8080", EMPTY: "", NOTE: ` a "b" 'c' \\d $(e) #f = ! ` };
  assert.deepEqual(environmentText(environment, "docker"), {
    file: `EMPTY=\nNOTE= a "b" 'c' \\d $(e) #f = ! \nPORT=8080\n`,
    exports: [],
    words: [],
  });
});

test("a value of several lines is exported, and named to docker", () => {
  const environment = { B: "one\ntwo", A: "plain", C: "carriage\rreturn" };
  assert.deepEqual(environmentText(environment, "docker"), {
    file: "A=plain\n",
    exports: ["export B='one\ntwo'", "export C='carriage\rreturn'"],
    words: ["--env", "B", "--env", "C"],
  });
});

test("so is one whose line is longer than docker reads", () => {
  const [fits, long] = ["x".repeat(65_533), "x".repeat(65_534)];
  const { file, exports, words } = environmentText({ A: fits, B: long }, "docker");
  assert.equal(file, `A=${fits}\n`);
  assert.deepEqual([exports, words], [[`export B=${long}`], ["--env", "B"]]);
});

test("nothing is lost, and no value begins a line of its own", () => {
  const names = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
  fc.assert(
    fc.property(fc.dictionary(names, fc.string({ unit: "binary" })), (environment) => {
      let text;
      try {
        text = environmentText(environment, "docker");
      } catch (error) {
        assert.ok(isFailure(error, "ENVIRONMENT_INVALID"));
        return;
      }
      const inFile = text.file.split("\n").slice(0, -1);
      const named = text.words.filter((word) => word !== "--env");
      const all = [...inFile.map((line) => line.slice(0, line.indexOf("="))), ...named];
      assert.deepEqual(all.toSorted(), Object.keys(environment).toSorted());
      assert.equal(text.exports.length, named.length);
    }),
  );
});

const refused: Readonly<Record<string, readonly [string, string, RegExp]>> = {
  "a NUL": ["A", `${secret}\0`, /has a NUL in it, which no environment can hold/],
  "1 MB": [
    "A",
    "x".repeat(1_000_000),
    /1000003 bytes, and Linux starts no program with one of more than 131072/,
  ],
  "no name": ["", "x", /no name of a variable/],
  "a name with a blank": ["A B", "x", /no name of a variable/],
  "a name with a line feed": ["A\nB", "x", /no name of a variable/],
  "a name like a comment": ["#A", "x", /no name of a variable/],
  "a name that no shell exports": ["a.b-c", "one\ntwo", /none that a shell can export/],
  "a name that does more in a shell": ["A;reboot", "one\ntwo", /none that a shell can export/],
  "docker's own": ["DOCKER_HOST", "one\ntwo", /docker would take it for its own/],
  "the search path": ["PATH", "one\ntwo", /docker would take it for its own/],
  "the watchdog's own": ["docker", "one\ntwo", /the server's shell has that name for itself/],
  "one that a shell keeps": ["PPID", "one\ntwo", /the server's shell has that name for itself/],
};
for (const [what, [name, value, words]] of Object.entries(refused))
  test(`refused: ${what}`, () => assert.match(refusal(name, value), words));

test("a name that no shell exports may have a value of one line", () => {
  assert.equal(environmentText({ "a.b-c": "x" }, "docker").file, "a.b-c=x\n");
});

test("sudo lets neither several lines through nor a long one", () => {
  const sudo = "sudo -n docker";
  assert.match(refusal("A", `${secret}\ntwo`, sudo), /more than one line, which sudo does not let/);
  assert.match(refusal("A", "x".repeat(70_000), sudo), /65536 bytes .* which sudo does not let/);
  assert.equal(environmentText({ A: secret }, sudo).file, `A=${secret}\n`);
});
