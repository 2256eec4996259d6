import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Argv, formatCommand, quote, quotePath, redact, shellLine } from "./command.ts";

interface Shell {
  /** Reads the line that stands behind it, as a login's shell does for ssh. */
  readonly argv: Argv;
  /** What no quoting gets through it. */
  readonly refuses?: RegExp;
}

/** POSIX's own, and those that people have as login shells though they read quotes otherwise. */
const shells: readonly Shell[] = [
  { argv: ["sh", "-c"] },
  { argv: ["dash", "-c"] },
  { argv: ["bash", "--norc", "-c"] },
  { argv: ["busybox", "sh", "-c"] },
  { argv: ["mksh", "-c"] },
  { argv: ["zsh", "-f", "-c"] },
  { argv: ["fish", "--no-config", "-c"] },
  { argv: ["tcsh", "-f", "-c"], refuses: /\n/ },
];

/** Everything that is something in one of them, alone or beside others. */
const pieces = [
  ...Array.from({ length: 127 }, (_, code) => String.fromCodePoint(code + 1)),
  ...String.raw`\' '\ \\ \! !! !-1 '' $HOME $(id) ${"${x}"} ${"`id`"} $'\n' \n <<\EOF`.split(" "),
  ..."* ? [a-z]* {a,b} {1..3} ~root =~ :~ a=~/b:~/c =ls =no-such %self %1 ^a^b".split(" "),
  ..."-- -n -rf --flag= --flag=~ --flag=' FOO=bar #x && || >&2 <<EOF ;; \\\n".split(" "),
  // Of these some shells keep some for themselves: dash and busybox above 0x80, fish in the private area, csh in the eighth bit.
  ..."\u0080 \u0081 \u0088 \u00a0 é \u2028 \ue000 \uf600 \ufdd0 \ufffe 😀 \u{10ffff}".split(" "),
];

const word = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((some) => some.join("")),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll("\0", "")),
);

/** Many to a line, because a shell's start is what costs; a line is below the 128 KiB that Linux gives an argument. */
const words = [
  "",
  ...pieces,
  ...fc.sample(word, { numRuns: 400, seed: 2017 }),
  ...["'", "\\", "!", " a"].map((text) => text.repeat(5_000)),
];

for (const { argv, refuses } of shells) {
  const [program, ...args] = argv;
  const name = args[0] === "sh" ? `${program} sh` : program;

  test(`words come back unchanged from ${name}`, (t) => {
    const isThere = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
    if (!isThere) return t.skip(`there is no ${program} here`);
    const echoed = (some: readonly string[]) => {
      const line = shellLine(["printf", "%s\\0", ...some]);
      const { stdout, stderr } = spawnSync(program, [...args, line], { encoding: "utf8" });
      assert.equal(stderr, "");
      return stdout.split("\0").slice(0, -1);
    };
    const own = words.filter((text) => refuses?.test(text) !== true);
    assert.deepEqual(echoed(own), own);
    // Alone, a word has no other beside it that could make up for what it does.
    const lists = fc.array(
      word.filter((text) => refuses?.test(text) !== true),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(lists, (some) => assert.deepEqual(echoed(some), some)),
      { numRuns: 10 },
    );
  });
}

test("what stands first is the program, whatever it is called", () => {
  assert.equal(shellLine(["env", "FOO=bar", "true"]), "env FOO=bar true");
  for (const name of ["FOO=bar", "FOO+=bar", "FOO=a b", "=bar"]) {
    const line = shellLine([name, "echo", "not to be run"]);
    const { status, stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [127, ""], name);
  }
  assert.equal(shellLine([]), "");
});

test("no word holds a NUL, and one that is only shown has a sign for it", () => {
  assert.throws(() => quote("a\0b"), TypeError);
  assert.throws(() => shellLine(["a", "\0"]), TypeError);
  assert.equal(formatCommand(["a", "b\0"]), "a 'b␀'");
});

const quoted: Readonly<Record<string, string>> = {
  "--build-arg=A=1": "--build-arg=A=1",
  "--filter=label=a b": "--filter='label=a b'",
  "it's": String.raw`'it'\''s'`,
  "hello, world!": String.raw`'hello, world'\!''`,
  "<<\\EOF": String.raw`'<<\EOF'`,
  "a\\\\b": String.raw`'a'\\'\b'`,
  "=ls": "'=ls'",
};

for (const [text, shown] of Object.entries(quoted)) {
  test(`${text} is written ${shown}`, () => {
    assert.equal(quote(text), shown);
  });
}

test("of a path the home directory stays outside the quotes", () => {
  assert.equal(quotePath("~/.ssh/id_ed25519"), "~/.ssh/id_ed25519");
  assert.equal(quotePath("~/my keys/$1"), "~/'my keys/$1'");
  assert.equal(quotePath("~me/key"), "'~me/key'");
  const line = `printf %s ${quotePath("~/a b")}`;
  const env = { PATH: process.env["PATH"], HOME: "/home/of mine" };
  assert.equal(execFileSync("sh", ["-c", line], { encoding: "utf8", env }), "/home/of mine/a b");
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
