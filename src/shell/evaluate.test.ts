import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePlatform } from "../platform/platform.ts";
import { evaluateShell } from "./evaluate.ts";
import { machineOf } from "./machine.ts";
import { hole } from "./value.ts";

const place = { line: 1, column: 1, endLine: 1, endColumn: 1 };

function evaluate(text: string, variables: Readonly<Record<string, string>>, platform: string) {
  return evaluateShell(text, {
    variables: new Map(Object.entries(variables).map(([name, value]) => [name, { text: value }])),
    directory: "/src",
    machine: machineOf(parsePlatform(platform)),
    rangeOf: () => place,
  });
}

/** The commands that are reached, a question mark before those that only may be, a hole as `…`. */
function reached(
  text: string,
  variables: Readonly<Record<string, string>> = { TARGETARCH: "arm64" },
  platform = "linux/arm64",
): readonly string[] {
  const { commands, isComplete } = evaluate(text, variables, platform);
  assert.ok(isComplete, text);
  return commands.map(({ fields, isCertain }) => {
    const words = fields.map((field) => field.text).join(" ");
    return `${isCertain ? "" : "? "}${words}`.replaceAll(hole, "…");
  });
}

const texts: readonly (readonly [string, readonly string[]])[] = [
  // Values
  ["A=x; curl $A/${A}y", ["curl x/xy"]],
  ['curl "$UNKNOWN_ONE-$TARGETARCH"', ["curl -arm64"]],
  ["VERSION=$(curl v) && wget f-$VERSION-amd64", ["curl v", "wget f-…-amd64"]],
  ["A='a b'; x $A; y \"$A\"", ["x a b", "y a b"]],
  ["x ${A:-amd64} ${TARGETARCH:-amd64} ${TARGETARCH:+set}", ["x amd64 arm64 set"]],
  ["P=linux/arm64/v8; x ${P#*/} ${P##*/} ${P%/*} ${P%%/*}", ["x arm64/v8 v8 linux/arm64 linux"]],
  ["x ${TARGETARCH/arm64/aarch64} ${TARGETARCH//a/b} ${TARGETARCH^^}", ["x aarch64 brm64 ARM64"]],
  ["export A=1 B=$TARGETARCH; x $A$B", ["export A=1 B=arm64", "x 1arm64"]],
  ["A=1; A+=2; x $A", ["x 12"]],
  ["x $((1 + 2))", ["x …"]],
  [
    "x <(a $TARGETARCH) |& y; while read z; do w; done < <(b)",
    ["a arm64", "x …", "y", "read z", "? w"],
  ],
  // The machine
  ["curl f-$(uname -m)", ["uname -m", "curl f-aarch64"]],
  ["A=`dpkg --print-architecture`; x $A", ["dpkg --print-architecture", "x arm64"]],
  [
    "A=$(uname -m | sed 's/aarch64/arm64/;s/x86_64/amd64/') && x $A",
    ["uname -m", "sed s/aarch64/arm64/;s/x86_64/amd64/", "x arm64"],
  ],
  [
    "x $(echo $TARGETARCH | sed -e 's/arm64/aarch64/' -e s/amd64/x86_64/)",
    ["echo arm64", "sed -e s/arm64/aarch64/ -e s/amd64/x86_64/", "x aarch64"],
  ],
  [
    String.raw`x $(echo arm64 | sed 's/\(arm64\|aarch64\)/arm/')`,
    ["echo arm64", String.raw`sed s/\(arm64\|aarch64\)/arm/`, "x arm"],
  ],
  [
    "x $(echo $TARGETARCH | tr a-z A-Z) $(echo armv7 | tr -d v)",
    ["echo arm64", "tr a-z A-Z", "echo armv7", "tr -d v", "x ARM64 arm7"],
  ],
  ["x $(printf '%s-%s\\n' a b) $(echo -n c)", ["printf %s-%s\\n a b", "echo -n c", "x a-b c"]],
  // Ways
  [
    'case "$TARGETARCH" in amd64) A=x86_64 ;; arm64) A=aarch64 ;; *) exit 1 ;; esac; curl $A',
    ["curl aarch64"],
  ],
  ["case $TARGETARCH in amd*) a;; arm*|aarch*) b;; esac", ["b"]],
  ["case $X$(foo) in a) A=1;; b) A=2;; esac; x $A", ["foo", "x …"]],
  [
    'A=$(case "$TARGETARCH" in amd64) echo x64;; *) echo $TARGETARCH;; esac); x $A',
    ["echo arm64", "x arm64"],
  ],
  ['if [ "$TARGETARCH" = "arm64" ]; then a; else b; fi', ["[ arm64 = arm64 ]", "a"]],
  [
    'if [ "$TARGETARCH" = amd64 ]; then a; elif [[ $TARGETARCH == arm* ]]; then b; else c; fi',
    ["[ arm64 = amd64 ]", "b"],
  ],
  ["if curl x; then a; else b; fi; c", ["curl x", "? a", "? b", "c"]],
  ['[ "$TARGETARCH" = amd64 ] && a || b', ["[ arm64 = amd64 ]", "b"]],
  ['[ "$TARGETARCH" != amd64 -a -n "$TARGETARCH" ] && a', ["[ arm64 != amd64 -a -n arm64 ]", "a"]],
  ["a && b || c; d", ["a", "b", "? c", "d"]],
  ["command -v x || a", ["command -v x", "? a"]],
  ["! false && a; ! true || b", ["false", "a", "true", "b"]],
  ["a; exit 0; b", ["a", "exit 0"]],
  ['test "$TARGETARCH" = arm64 || exit 1; a', ["test arm64 = arm64", "a"]],
  ["(cd x; A=1; a); b $A", ["cd x", "a", "b"]],
  ["{ A=1; }; b $A", ["b 1"]],
  ["for a in amd64 arm64; do x $a; done", ["x amd64", "x arm64"]],
  ["for a in $(ls); do x $a; done", ["ls", "x …"]],
  ["while read a; do x $a; done; y", ["read a", "? x …", "y"]],
  ["f() { x $1-$TARGETARCH; }; f a; f b", ["x a-arm64", "x b-arm64"]],
  ["sh -c 'a'; eval \"b $TARGETARCH\"", ["sh -c a", "a", "eval b arm64", "b arm64"]],
  // What it starts a shell with
  [
    "A=1; export B=2; sh -c 'x $A $B; exit'; y",
    ["export B=2", "sh -c x $A $B; exit", "x 2", "exit", "y"],
  ],
  [
    "timeout 5 bash -eo pipefail -c 'x $1 $TARGETARCH' me $TARGETARCH",
    ["timeout 5 bash -eo pipefail -c x $1 $TARGETARCH me arm64", "x arm64 arm64"],
  ],
  ['bash -c "x $TARGETARCH" && y', ["bash -c x arm64", "x arm64", "y"]],
  ["su - app -c 'x $B'", ["su - app -c x $B", "x …"]],
  ["sh -c 'x <(('; y", ["sh -c x <((", "y"]],
  ["sh x.sh -c 'a'; bash -s < x", ["sh x.sh -c a", "bash -s"]],
  // Loops, whose condition is asked at least once
  ["while ! x; do y; done; z", ["x", "? y", "z"]],
  ["until x; do y; done; z", ["x", "? y", "z"]],
  ["while true; do x && break; y; done; z", ["true", "x", "break", "z"]],
  ["until false; do x; break; done; z", ["false", "x", "break", "z"]],
  ["while false; do x; done; z", ["false", "z"]],
  ["GOARCH=$TARGETARCH go build; go vet", ["go build", "go vet"]],
  ["a | b | c", ["a", "b", "c"]],
  ["curl x | tar xz -C /usr; > f", ["curl x", "tar xz -C /usr"]],
  // What leaves the rest
  [
    'for a in amd64 arm64; do [ $a = "$TARGETARCH" ] || continue; x $a; done; y',
    ["[ amd64 = arm64 ]", "continue", "[ arm64 = arm64 ]", "x arm64", "y"],
  ],
  [
    "for a in 1 2; do if [ $a = 2 ]; then break; fi; x $a; done",
    ["[ 1 = 2 ]", "x 1", "[ 2 = 2 ]", "break"],
  ],
  [
    "for a in 1 2; do grep x f || continue; x $a; done; y",
    ["grep x f", "? continue", "? x 1", "grep x f", "? continue", "? x 2", "y"],
  ],
  ["grep x f && exit 0; a", ["grep x f", "? exit 0", "? a"]],
  ["grep x f || exit 1; a", ["grep x f", "? exit 1", "a"]],
  ["f() { exit 1; }; f; a", ["exit 1"]],
  ["(exit 0); a", ["exit 0", "a"]],
  [
    'arm() { [ "$1" = arm64 ] && return 0; return 1; }; arm "$TARGETARCH" && a; arm x || b',
    ["[ arm64 = arm64 ]", "return 0", "a", "[ x = arm64 ]", "return 1", "b"],
  ],
  ["A=1; grep x f || { A=2; exit 1; }; a $A", ["grep x f", "? exit 1", "a 1"]],
  // Arguments
  [
    'f() { A=$1; shift; for b in "$@"; do x $A "$b"; done; }; f a b "c d"',
    ["shift", "x a b", "x a c d"],
  ],
  [
    'set -- a "$TARGETARCH"; x "$2" "$@"; shift; y $1',
    ["set -- a arm64", "x arm64 a arm64", "shift", "y arm64"],
  ],
  ["set -eux; x $1", ["set -eux", "x …"]],
  // The directory
  [
    "x $PWD; cd a; x $(pwd)/b; cd $(y); x $PWD $(pwd)",
    ["x /src", "cd a", "pwd", "x /src/a/b", "y", "cd …", "pwd", "x … …"],
  ],
  // Arrays and arithmetic
  ['A=(amd64 arm64); x $A; B[0]=1; for a in "${A[@]}"; do y $a; done', ["x …", "y …"]],
  ["declare -A A=([amd64]=x); x ${A[$TARGETARCH]}", ["declare -A A=", "x …"]],
  ["I=1; ((I++)); for ((I = 0; I < 3; I++)); do x $I; done; ((A)) && y", ["? x …", "? y"]],
  ["A=; x $A", ["x"]],
  // Parts of a line
  [
    "x $(echo linux/$TARGETARCH | cut -d/ -f2) $(echo a-b-c | awk -F- '{ print $NF }')",
    ["echo linux/arm64", "cut -d/ -f2", "echo a-b-c", "awk -F- { print $NF }", "x arm64 c"],
  ],
  ['x "$(echo "a)" \'b)\')" $(# it\'s )\n y)', ["echo a) b)", "y", "x a) b) …"]],
  [": ${A:=$(uname -m)}; x $A", ["uname -m", ": aarch64", "x aarch64"]],
  [". ./f; x $(. /f && echo a)", [". ./f", ". /f", "echo a", "x a"]],
];
for (const [text, expected] of texts) {
  test(`on arm64 ${JSON.stringify(text)} reaches ${expected.join("; ")}`, () => {
    assert.deepEqual(reached(text), expected);
  });
}

test("a program finds what is exported and what stands before it, and nothing else", () => {
  const text = "A=1; export B=2; C=3 x; B=4; y";
  const { commands } = evaluate(text, { ENV: "e" }, "linux/amd64");
  const found = commands
    .filter(({ fields }) => /^[xy]$/.test(fields[0]?.text ?? ""))
    .map(({ environment }) =>
      [...environment].map(([name, { text: value }]) => `${name}=${value}`),
    );
  assert.deepEqual(found, [
    ["ENV=e", "B=2", "C=3"],
    ["ENV=e", "B=4"],
  ]);
});

const directories: Readonly<Record<string, string>> = {
  "x; cd a && x; cd ../b; x": "/src /src/a /src/b",
  "(cd a && x); { cd /b; x; }; x": "/src/a /b /b",
  "A=$(cd a && x); x": "/src/a /src",
  "for a in a b; do (cd $a && x); done": "/src/a /src/b",
  "f() { cd a; }; f; x": "/src/a",
  "cd a || exit 1; x": "/src/a",
  "cd -P -- a; x; pushd b; x; popd; x": "/src/a /src/a/b ?",
  "cd $(mktemp -d); x; cd a; x; cd /a; x": "? ? /a",
  "cd; x; cd /a; cd -; x; cd ~/a; x": "? ? ?",
  "[ -d a ] && cd a; x": "?",
  "if [ -d a ]; then cd a; x; fi; x": "/src/a ?",
  "if [ -d a ]; then x; else y; fi; x": "/src /src",
  "cd a | y; x": "/src",
};
for (const [text, expected] of Object.entries(directories)) {
  test(`${JSON.stringify(text)} starts x in ${expected}`, () => {
    const { commands } = evaluate(text, {}, "linux/amd64");
    const found = commands.filter(({ fields: [name] }) => name?.text === "x");
    assert.equal(found.map(({ directory = "?" }) => directory).join(" "), expected);
  });
}

test("a variable that is asked for and not set is told with its place", () => {
  const text = 'x "$A" ${B:-b} $(y $C); D=1; z $D $1';
  const { unset } = evaluate(text, {}, "linux/amd64");
  assert.deepEqual(
    unset.map(({ name, start, end }) => [name, text.slice(start, end)]),
    [
      ["A", "$A"],
      ["B", "${B:-b}"],
      ["C", "$C"],
    ],
  );
});

/** The variables that are asked for and not set. */
function unsetIn(text: string): readonly string[] {
  return evaluate(text, {}, "linux/amd64").unset.map(({ name }) => name);
}

test("who asks whether a variable is set, computes its default or sources a file may know it", () => {
  assert.deepEqual(unsetIn('[ -z "$A" ] && A=1; [[ -n $B ]]; test -n "$C"; x $D'), ["D"]);
  assert.deepEqual(unsetIn('[ "$A" = "" ]; [[ x$B == x ]]; [ "$C" = arm64 ]'), ["C"]);
  assert.deepEqual(unsetIn("mapfile -t A < f; x $A ${B:-}; x $C; export $(cat f); x $D"), ["C"]);
  assert.deepEqual(unsetIn("x ${A:-$(uname -m)} ${B:-amd64}"), ["B"]);
  assert.deepEqual(unsetIn(": ${A:=amd64}; x $A"), ["A"]);
  assert.deepEqual(unsetIn("x $A; . ./f; x $B"), ["A"]);
  assert.deepEqual(unsetIn("x $A; eval $(f); x $B"), ["A"]);
});

test("a field knows where each part of it stands in the script", () => {
  const text = 'A=v1; (curl "https://x/$A/f"-amd64.tgz $(echo y-amd64))';
  const { commands } = evaluate(text, {}, "linux/amd64");
  const curl = commands.find(({ fields }) => fields[0]?.text === "curl");
  const parts = curl?.fields[1]?.segments.map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(parts, ["https://x/", "$A", "/f", "-amd64.tgz"]);
  const echo = commands.find(({ fields }) => fields[0]?.text === "echo");
  assert.equal(text.slice(echo?.fields[1]?.start, echo?.fields[1]?.end), "y-amd64");
});

test("what eval is given stands where it is written", () => {
  const text = "x; eval 'a; GOARCH=amd64 go build'";
  const { commands } = evaluate(text, {}, "linux/amd64");
  const go = commands.find(({ fields }) => fields[0]?.text === "go");
  assert.equal(text.slice(go?.fields[1]?.start, go?.fields[1]?.end), "build");
});

test("what is not understood is said, and what loops for ever ends", () => {
  assert.equal(evaluate("a; if b", {}, "linux/amd64").isComplete, false);
  const forever = "f() { f; f; }; f";
  assert.equal(evaluate(forever, {}, "linux/amd64").isComplete, false);
  const loops = "for a in 1 2 3 4 5 6 7 8 9; do ".repeat(8) + "x; " + "done; ".repeat(8);
  assert.equal(evaluate(loops, {}, "linux/amd64").isComplete, false);
  assert.match(reached(`A=xxxxxxxx; ${"A=$A$A; ".repeat(60)} y $A`).at(-1) ?? "", /^y …+$/);
  const squared = `set -- ${"a ".repeat(5000)}; for a in "$@"; do x "$@"; done`;
  assert.equal(evaluate(squared, {}, "linux/amd64").isComplete, false);
});

test("whatever the text is, it is gone through", () => {
  const pieces = fc.constantFrom(
    "a",
    "$A",
    "${A#*",
    "}",
    "$(",
    ")",
    "`",
    "'",
    '"',
    "\\",
    " ",
    ";",
    "&&",
    "||",
    "|",
    "if ",
    "then ",
    "fi",
    "case ",
    " in ",
    "esac",
    ";;",
    "[ ",
    " ]",
    "=",
    "for ",
    "do ",
    "done",
    "f() ",
    "{ ",
    "\n",
    "<<E\n",
    "E\n",
    "*",
    "eval ",
    "echo ",
    "sed s/a/b/",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      evaluate(parts.join(""), { A: "x" }, "linux/arm64");
    }),
    { numRuns: 3000 },
  );
});
