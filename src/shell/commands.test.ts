import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readShell } from "./commands.ts";
import { readTokens } from "./token.ts";

/** Each command on a line: its depth, then its words as they are written. */
function commandsOf(text: string): readonly string[] {
  const { commands, isComplete } = readShell(text);
  assert.ok(isComplete, text);
  return commands.map(({ depth, assignments, words }) =>
    [depth, ...assignments.map((word) => word.text), ...words.map((word) => word.text)].join(" "),
  );
}

const texts: readonly (readonly [string, readonly string[]])[] = [
  [
    "set -eux; make && make install || exit 1",
    ["0 set -eux", "0 make", "0 make install", "0 exit 1"],
  ],
  ["CGO_ENABLED=0 GOOS=linux go build", ["0 CGO_ENABLED=0 GOOS=linux go build"]],
  ["echo 'a && b' \"c; d\" e\\ f", ["0 echo 'a && b' \"c; d\" e\\ f"]],
  ["curl -fsSL x | tar -xz -C /usr", ["0 curl -fsSL x", "0 tar -xz -C /usr"]],
  ["make > log 2>&1 && cat < log", ["0 make", "0 cat"]],
  ["if [ -f a ]; then b; elif c; then d; else e; fi", ["1 [ -f a ]", "1 b", "1 c", "1 d", "1 e"]],
  ["for x in a b; do echo $x; done", ["1 echo $x"]],
  ['case "$A" in amd64) X=1 ;; arm*|x) y; z ;; esac && w', ["1 X=1", "1 y", "1 z", "0 w"]],
  ["while read l; do a; done < f", ["1 read l", "1 a", "0"]],
  ["(cd /x && make); { a; }", ["1 cd /x", "1 make", "1 a"]],
  [
    'x="$(uname -m | sed s/a/b/)" y',
    ['0 x="$(uname -m | sed s/a/b/)" y', "1 uname -m", "1 sed s/a/b/"],
  ],
  ["a `b c` $((1 + 2)) ${d:-$(e)}", ["0 a `b c` $((1 + 2)) ${d:-$(e)}", "1 b c"]],
  ["a \\\n  b # c && d\ne", ["0 a b", "0 e"]],
  ["cat <<X > f\nnot a command; '\nX\nnext", ["0 cat", "0 next"]],
  ["[[ -n $a && -n $b ]] && c", ["0 c"]],
  ["! grep x y", ["0 grep x y"]],
];
for (const [text, expected] of texts) {
  test(`the commands of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(commandsOf(text), expected);
  });
}

test("what is no whole text, or more than simple commands, is said to be so", () => {
  for (const text of [
    "'a",
    '"a',
    "a $(b",
    "f() { a; }",
    "function f { a; }",
    "a <(b)",
    "(a",
    "a )",
    "if a; then b",
    "a >",
  ])
    assert.equal(readShell(text).isComplete, false, text);
});

test("a word's value is what it stands for, where nothing is expanded in it", () => {
  const values = readTokens(`a'b c'"d\\"" \\e $x "y$(z)" '$x' "\\$x"`).tokens.map((token) =>
    token.kind === "word" ? token.value : token.text,
  );
  assert.deepEqual(values, ['ab cd"', "e", undefined, undefined, "$x", "$x"]);
});

test("every place is that of the text there, whatever the text is", () => {
  const pieces = fc.constantFrom(
    "a",
    " ",
    "'",
    '"',
    "$(",
    ")",
    "`",
    "&&",
    ";",
    "|",
    "\n",
    "\\",
    "<<E",
    "if",
    "fi",
    "case",
    "in",
    "x=",
    "${",
    "}",
    "#",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      for (const { words, assignments, start, end } of readShell(text).commands) {
        for (const word of [...words, ...assignments]) {
          assert.equal(text.slice(word.start, word.end), word.text);
          assert.ok(word.start >= start && word.end <= end);
        }
      }
    }),
    { numRuns: 3000 },
  );
});
