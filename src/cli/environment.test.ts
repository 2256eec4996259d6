import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { type EnvironmentFlags, environmentOf } from "./environment.ts";

const secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
const files: Readonly<Record<string, string>> = {
  ".env": `# a comment
A=from the file
   B= blanks, and "quotes" stay  \r
EMPTY=

C
#D=no
E=a=b#c
`,
  "more.env": "A=from another\n",
  "key.env": `KEY=-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`,
  "blank.env": `SECRET ${secret}\n`,
  "nameless.env": `=${secret}\n`,
};

async function read(flags: EnvironmentFlags) {
  return await environmentOf(flags, {
    env: { C: "from here", HOME: "/home/me" },
    async read(file) {
      const text = files[file];
      if (text !== undefined) return text;
      throw Object.assign(new Error(`no ${file}`), { code: "ENOENT", syscall: "open" });
    },
    command: "transship deploy",
  });
}

/** The sentence with which it is refused; it never tells a value. */
async function refusal(flags: EnvironmentFlags): Promise<string> {
  try {
    await read(flags);
  } catch (error) {
    assert.ok(isFailure(error, "USAGE"), String(error));
    assert.ok(!JSON.stringify([error.message, error.hint, error.facts]).includes(secret));
    return error.message;
  }
  throw new Error("it was taken");
}

test("a file is read as docker reads it: no quotes, no comments behind, a name alone for the value here", async () => {
  const environment = await read({ envFile: [".env"] });
  assert.deepEqual(environment, {
    A: "from the file",
    B: ' blanks, and "quotes" stay  ',
    EMPTY: "",
    C: "from here",
    E: "a=b#c",
  });
});

test("what comes later goes before, and flags before files", async () => {
  const flags = { envFile: ["more.env"], env: ["B=1", "A=from a flag", "B=2\nlines", "HOME"] };
  assert.deepEqual(await read(flags), { A: "from a flag", B: "2\nlines", HOME: "/home/me" });
  assert.deepEqual(await read({}), {});
});

test("names that objects have of themselves are names", async () => {
  const environment = await read({ env: ["__proto__=a", "constructor=b"] });
  assert.deepEqual(Object.entries(environment), [
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
});

test("what is no variable is refused by its place, and nothing of it is told", async () => {
  assert.equal(
    await refusal({ envFile: ["key.env"] }),
    "The variable that key.env:2 names is not set here: write NAME=VALUE.",
  );
  assert.match(await refusal({ envFile: ["blank.env"] }), /^blank\.env:1 names no variable/);
  assert.match(await refusal({ envFile: ["nameless.env"] }), /^nameless\.env:1 names no variable/);
  assert.match(await refusal({ env: [`=${secret}`] }), /^--env names no variable/);
  assert.equal(await refusal({ env: ["ABSENT"] }), "The variable ABSENT (--env) is not set here.");
  assert.match(await refusal({ envFile: ["absent.env"] }), /absent\.env \(--env-file\) cannot be/);
});
