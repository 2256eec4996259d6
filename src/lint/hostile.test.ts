/** Files that are broken, far too large, or written to take long: each ends soon, and says what it is and in which line. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { lintText } from "../report/lint.ts";
import { plain } from "../report/style.ts";
import { inspectDockerfile } from "./inspect.ts";

/** In milliseconds. Most take a twentieth of it; a machine may be busy. */
const bound = 4000;
const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const from = "FROM alpine\n";
const use = "RUN echo $TARGETARCH\n";

/** The findings as `line rule: message`, after the time was looked at. */
function inspected(text: string): readonly string[] {
  const start = performance.now();
  const findings = inspectDockerfile(text, { platforms });
  lintText(
    { outcome: "errors", isBuildkits: false, files: [{ path: "Dockerfile", text, findings }] },
    plain,
  );
  const took = performance.now() - start;
  assert.ok(took < bound, `${Math.round(took)} ms`);
  return findings.map(({ range, rule, message }) => `${range.line} ${rule}: ${message}`);
}

/** As many lines as the largest file that is read has. */
function filled(line: (at: number) => string, length = 1_000_000): string {
  const lines: string[] = [];
  for (let at = 0, sum = 0; sum < length; at += 1) {
    const next = line(at);
    lines.push(next);
    sum += next.length;
  }
  return lines.slice(0, -1).join("");
}

function nested(open: string, close: string, depth: number): string {
  return open.repeat(depth) + close.repeat(depth);
}

const refused: Readonly<Record<string, readonly [text: string, first: string]>> = {
  "an empty file": ["", "1 syntax: No builder takes this: there is no instruction in it."],
  "nothing but a comment": [
    "# hello\n",
    "1 syntax: No builder takes this: there is no instruction in it.",
  ],
  "a program": [
    `\u007FELF\u0002\u0001\u0001\n\n${"\0".repeat(1000)}`,
    "3 syntax: No builder takes this: there is a NUL byte in it.",
  ],
  "bytes that are no text": [
    Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 255 || 1)).toString("utf8"),
    "1 syntax: No builder takes this",
  ],
  "10 MB": [
    from + "RUN true\n".repeat(1_200_000),
    "1 syntax: This is more than lint reads: it has more than 1048576 characters.",
  ],
  "a line that is too long": [
    `${from}RUN ${"x".repeat(70_000)}\n`,
    "2 syntax: No builder takes this: a line has more than 65535 bytes.",
  ],
  "100,000 lines": [
    from + "RUN true\n".repeat(100_000),
    "5001 syntax: No rule looked at this Dockerfile: it has more than 5000 instructions.",
  ],
  "100,000 lines of no instruction": [
    from + "FOO bar\n".repeat(100_000),
    "2 syntax: No builder takes this: there is no instruction FOO.",
  ],
  "100,000 blank lines before one that is none": [
    `${from}${"\n".repeat(100_000)}FOO\n`,
    "100002 syntax: No builder takes this: there is no instruction FOO.",
  ],
  "unknown instructions": [
    `${from}RUNN make\nCOPPY a b\n`,
    "2 syntax: No builder takes this: there is no instruction RUNN.",
  ],
  "a quote that nothing ends, and a heredoc": [
    `${from}RUN <<EOF\necho '\n`,
    "2 syntax: No builder takes this: the heredoc EOF has no line EOF that ends it.",
  ],
  "thousands of stages": [
    filled((at) => `FROM ${at === 0 ? "alpine" : `s${at - 1}`} AS s${at}\n`),
    "501 syntax: No rule looked at this Dockerfile: it has more than 500 stages.",
  ],
  "thousands of variables": [
    from + Array.from({ length: 4000 }, (_, at) => `ENV A${at}=$A${at - 1}\n`).join(""),
    "1002 syntax: No rule looked at this Dockerfile: it has more than 1000 variables.",
  ],
  "thousands of variables in one line": [
    `${from}ENV${Array.from({ length: 5000 }, (_, at) => ` A${at}=1`).join("")}\n`,
    "2 syntax: No rule looked at this Dockerfile: it has more than 1000 variables.",
  ],
  "patterns that take long": [
    `${from}ENV A=${"a".repeat(50_000)}\n${"ENV B=${A##*a*a*a*a*b}\n".repeat(400)}`,
    "53 syntax: No rule looked at this Dockerfile: it has more than 50 patterns in words.",
  ],
  "thousands of instructions that ONBUILD holds back": [
    `FROM alpine AS base\n${"ONBUILD RUN true\n".repeat(500)}${"FROM base\n".repeat(400)}`,
    "1 syntax: No rule looked at this Dockerfile: it has more than 5000 instructions that ONBUILD holds back.",
  ],
  "thousands of loops": [
    from +
      "RUN for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5 6 7 8; do for k in 1 2 3 4 5 6 7 8; do echo $i$j$k; done; done; done\n".repeat(
        4000,
      ),
    "",
  ],
};

for (const [name, [text, first]] of Object.entries(refused)) {
  test(`hostile: ${name}`, () => {
    const [found = ""] = inspected(text);
    if (first === "") {
      assert.match(found, /^\d+ syntax: Not all rules looked at this Dockerfile: its scripts/);
    } else assert.ok(found.startsWith(first), found);
  });
}

/** What is behind them is looked at. */
const passed: Readonly<Record<string, string>> = {
  "deep $(": `RUN echo ${nested("$(echo ", ")", 8000)}\n`,
  "$( that nothing closes": `RUN echo ${"$(".repeat(30_000)}\n`,
  "deep ${": `ENV A=${nested("${A:-", "}", 8000)}\n`,
  "deep ${ in a script": `RUN echo ${nested("${A:-", "}", 8000)}\n`,
  "deep $((": `RUN echo ${nested("$((", "))", 8000)}\n`,
  "many backquotes": `RUN echo ${"`".repeat(60_000)}\n`,
  "quotes within $( within quotes": `RUN echo ${'"$('.repeat(20_000)}\n`,
  "deep if": `RUN ${"if x; then ".repeat(3000)}:; ${"fi; ".repeat(3000)}\n`,
  "deep case": `RUN ${nested("case $A in a) ", ";; esac ", 2900)}\n`,
  "deep brackets": `RUN ${nested("(", ")", 30_000)}\n`,
  "thousands of elif": `RUN if grep a b; then x; ${"elif grep x y; then A=1; ".repeat(2000)}fi\n`,
  "thousands of patterns of case": `RUN case $A in ${"a|b) A=1;; ".repeat(5000)} esac\n`,
  "patterns of case that match in many ways": `RUN X=${"a".repeat(4000)}; ${"case $X in *a*a*a*a*b) ;; esac; ".repeat(400)}\n`,
  "patterns of ${ that match in many ways": `RUN X=${"a".repeat(1000)}; ${"echo ${X##*a*a*a*a*b}; ".repeat(400)}\n`,
  "loops in loops": `RUN ${"for i in 1 2 3 4 5 6 7 8 9; do ".repeat(20)}echo $i; ${"done; ".repeat(20)}\n`,
  "a value that doubles": `RUN X=xxxxxxxxxxxxxxxx; ${"X=$X$X; ".repeat(60)}echo $X\n`,
  "a variable that doubles": `ARG X=xxxxxxxxxxxxxxxx\n${"ARG X=$X$X\n".repeat(60)}RUN echo $X\n`,
  "a text that evaluates itself": `RUN A='eval "$A$A"'; eval "$A"\n`,
  "functions that call themselves": "RUN f() { f; f; }; f\n",
  "a huge word": `RUN echo ${"x".repeat(65_000)}\n`,
  "many huge words": `ENV A=${"x".repeat(60_000)}\n${"RUN echo $A $A $A $A\n".repeat(1000)}`,
  "a long pipeline": `RUN a${" | a".repeat(15_000)}\n`,
  "a long list": `RUN ${"a; ".repeat(4000)}\n`,
  "a line with 90,000 continuations": `RUN true${" \\\n  && x".repeat(90_000)}\n`,
  "as many variables as there may be": `${Array.from({ length: 990 }, (_, at) => `ENV A${at}=1\n`).join("")}${"RUN a; b\n".repeat(20)}`,
};

for (const [name, text] of Object.entries(passed)) {
  test(`hostile, and looked at behind: ${name}`, () => {
    const found = inspected(`${from}${text}FOO\n${use}`);
    const line = text.split("\n").length + 1;
    assert.ok(
      found.includes(`${line} syntax: No builder takes this: there is no instruction FOO.`),
      found.join("\n"),
    );
    assert.match(found.at(-1) ?? "", new RegExp(`^${line + 1} R11: `));
  });
}

test("thousands of comments that ignore, and of findings", () => {
  const text = from + "# transship: ignore R1 because so\nRUN echo $TARGETARCH\n".repeat(4900);
  assert.equal(inspected(text).length, 2 * 4900);
});

test("a stage that copies from itself, from a later one, or from one that is not there", () => {
  const found = inspected(
    [
      "FROM alpine AS own",
      "COPY --from=own /a /a",
      "COPY --from=later /a /a",
      "COPY --from=7 /a /a",
      "COPY --from=$WHERE /a /a",
      "RUN --mount=from=later,target=/b true",
      "FROM alpine AS later",
      "COPY --from=own /a /a",
      "FROM own",
      "COPY --from=later /a /a",
    ].join("\n"),
  );
  assert.deepEqual(found, [
    "2 syntax: No builder takes this: the stage own copies from itself.",
    "3 syntax: No builder takes this: the stage later is defined only after it is copied from.",
    "4 syntax: No builder takes this: there is no stage 7.",
    "5 syntax: No builder takes this: --from takes no variables; name a stage for it.",
    "6 syntax: No builder takes this: the stage later is defined only after it is copied from.",
  ]);
});

test("a base that is no image's name, and one that only a build argument names", () => {
  assert.deepEqual(inspected("FROM alpine AS base\nFROM Base\n"), [
    "2 syntax: No builder takes this: Base is no image's name.",
  ]);
  assert.deepEqual(inspected("ARG BASE\nFROM $BASE\n"), []);
});

test("a target that is not there", () => {
  const findings = inspectDockerfile("FROM alpine AS base\n", { platforms, target: "run" });
  assert.deepEqual(
    findings.map(({ message, range, hint }) => `${range.line} ${message} ${hint}`),
    ["1 No builder takes this: it has no stage named run. Its stages are base."],
  );
});
