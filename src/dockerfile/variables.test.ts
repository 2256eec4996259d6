import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expand } from "./variables.ts";

const variables = new Map([
  ["ARCH", "arm64"],
  ["EMPTY", ""],
  ["FILE", "dir/app.tar.gz"],
  ["GREETING", "hello  world"],
  ["STARS", "a*b?c"],
]);

/** What is written, and what BuildKit makes of it. */
const expansions: readonly (readonly [string, string])[] = [
  ["golang:1-$ARCH", "golang:1-arm64"],
  ["${ARCH}v8", "arm64v8"],
  ["$ARCHv8", ""],
  ["$ARCH-$ARCH", "arm64-arm64"],
  ["$", "$"],
  ["a$.b", "a$.b"],
  ["$0$@", ""],

  ["${UNSET:-amd64}", "amd64"],
  ["${EMPTY:-amd64}", "amd64"],
  ["${EMPTY-amd64}", ""],
  ["${UNSET-amd64}", "amd64"],
  ["${ARCH:-amd64}", "arm64"],
  ["${UNSET:-linux/$ARCH}", "linux/arm64"],
  ["${UNSET:-${ALSO_UNSET:-${ARCH}}}", "arm64"],
  ["${UNSET:-}", ""],

  ["${ARCH:+set}", "set"],
  ["${EMPTY:+set}", ""],
  ["${EMPTY+set}", "set"],
  ["${UNSET+set}", ""],
  ["${ARCH:?is needed}", "arm64"],
  ["${EMPTY?is needed}", ""],

  ["${FILE#*/}", "app.tar.gz"],
  ["${FILE#*.}", "tar.gz"],
  ["${FILE##*.}", "gz"],
  ["${FILE%.*}", "dir/app.tar"],
  ["${FILE%%.*}", "dir/app"],
  ["${FILE#nothing}", "dir/app.tar.gz"],
  ["${ARCH#arm}", "64"],
  ["${ARCH%64}", "arm"],
  ["${ARCH#???}", "64"],
  ["${STARS#a\\*}", "b?c"],
  ["${STARS%\\?c}", "a*b"],

  ["${FILE/app/web}", "dir/web.tar.gz"],
  ["${FILE/./_}", "dir/app_tar.gz"],
  ["${FILE//./_}", "dir/app_tar_gz"],
  ["${FILE/\\//-}", "dir-app.tar.gz"],
  ["${FILE/a*r/x}", "dir/x.gz"],
  ["${ARCH/arm64/aarch64}", "aarch64"],

  ["'$ARCH'", "$ARCH"],
  ['"$ARCH"', "arm64"],
  ["\"a '$ARCH' b\"", "a 'arm64' b"],
  [String.raw`\$ARCH`, "$ARCH"],
  [String.raw`"\$ARCH \" \n"`, String.raw`$ARCH " \n`],
  [String.raw`a\ b\\c`, String.raw`a b\c`],
  ["$GREETING", "hello  world"],
  ["''", ""],
];

test("a word is expanded as BuildKit expands it", () => {
  for (const [word, text] of expansions) {
    const expansion = expand(word, variables);
    assert.deepEqual([expansion.text, expansion.problem], [text, undefined], word);
  }
});

test("the escape directive changes which character escapes", () => {
  assert.equal(expand("`$ARCH \\$ARCH", variables, "`").text, "$ARCH \\arm64");
});

test("a variable that is not set is told apart from an empty one", () => {
  const missing: readonly (readonly [string, readonly string[]])[] = [
    ["$UNSET", ["UNSET"]],
    ["$EMPTY", []],
    ["${UNSET}-${OTHER}", ["OTHER", "UNSET"]],
    ["${UNSET#a}", ["UNSET"]],
    // What was written for the case that it is not set stands in the text, and nothing is missing from it.
    ["${UNSET:-a}", []],
    ["${UNSET-}", []],
    ["${UNSET:+a}", []],
    ["${UNSET:-$OTHER}", ["OTHER"]],
    ["${ARCH:-$OTHER}", []],
    ["'$UNSET'", []],
  ];
  for (const [word, names] of missing) {
    assert.deepEqual([...expand(word, variables).missing].toSorted(), names, word);
  }
  assert.deepEqual([...expand("${UNSET:-a}", variables).unset], ["UNSET"]);
  assert.deepEqual([...expand("$ARCH${UNSET}", variables).used], ["ARCH"]);
});

test("what BuildKit refuses is a problem", () => {
  const problems: readonly (readonly [string, RegExp])[] = [
    ["${", /no name/],
    ["${}", /no name/],
    ["${:-a}", /no name/],
    ["${ARCH", /means nothing/],
    ["${ARCH:-a", /} of a/],
    ["${ARCH^^}", /means nothing/],
    ["${ARCH:#a}", /means nothing/],
    ["${UNSET:?give it}", /UNSET: give it/],
    ["${UNSET?}", /unset/],
    ["${EMPTY:?}", /empty/],
    ["'a", /single quote/],
    ['"a', /double quote/],
    ["${ARCH#\\a}", /pattern/],
  ];
  for (const [word, problem] of problems) {
    assert.match(expand(word, variables).problem ?? "", problem, word);
  }
});

test("neither the size nor the time of an expansion explodes", () => {
  const large = new Map([["X", "x".repeat(60_000)]]);
  assert.match(expand("$X$X", large).problem ?? "", /64 KiB/);
  assert.match(expand(`\${X//${"*a".repeat(200)}/b}`, large).problem ?? "", /too long/);
  assert.match(expand("${A:-".repeat(100_000), large).problem ?? "", /too deep/);
  assert.equal(expand(`\${X#${"*x".repeat(50)}}`, large).text.length, 59_950);
});

test("no word breaks the expansion", () => {
  const pieces = ["$", "{", "}", "ARCH", ":-", "#", "%", "/", "*", "?", "\\", "'", '"', "<<", " "];
  const word = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 30 });
  fc.assert(
    fc.property(word, (parts) => {
      const { text, problem, missing, unset } = expand(parts.join(""), variables);
      assert.ok(problem === undefined || text === "");
      for (const name of missing) assert.ok(unset.has(name));
    }),
  );
});
