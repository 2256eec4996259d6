import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Instruction } from "./instruction.ts";
import { mountsOf } from "./mount.ts";
import { pairsOf } from "./pair.ts";
import type { Range } from "./range.ts";
import { limits, parseDockerfile } from "./syntax.ts";

/** What stands there in the text, lines joined as they are. */
function textAt(text: string, { line, column, endLine, endColumn }: Range): string {
  const lines = text.split("\n").slice(line - 1, endLine);
  const last = lines.length - 1;
  return lines
    .map((part, at) =>
      part.slice(at === 0 ? column - 1 : 0, at === last ? endColumn - 1 : undefined),
    )
    .join("\n");
}

/** The instructions of one stage whose FROM is left out. */
function instructionsOf(text: string): readonly Instruction[] {
  return parseDockerfile(`FROM scratch\n${text}`).stages[0]?.instructions ?? [];
}

function firstOf(text: string): Instruction {
  const [first] = instructionsOf(text);
  assert.ok(first);
  return first;
}

function wordsOf(text: string): readonly string[] {
  return firstOf(text).arguments.map((word) => word.text);
}

function flagsOf(text: string): readonly string[] {
  return firstOf(text).flags.map(({ name, value }) => [name, value].join("="));
}

function namesAndValues(text: string) {
  return pairsOf(firstOf(text)).map(({ name, value }) => [name, value]);
}

/** 300,000 characters of it. */
function filled(part: string): string {
  return part.repeat(Math.floor(300_000 / part.length));
}

const goService = String.raw`# syntax=docker/dockerfile:1
# check=error=true
ARG GO_VERSION=1.24
ARG BASE

FROM --platform=$BUILDPLATFORM golang:${"${GO_VERSION}"}-alpine AS Build
WORKDIR /src
# Dependencies first, they change seldom.
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,id=build-$TARGETARCH,target=/root/.cache/go-build \
    # static, so that it runs from scratch
    CGO_ENABLED=0 GOOS=$TARGETOS \

    GOARCH=$TARGETARCH go build -o /out/app .

FROM scratch
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
`;

test("a Dockerfile is read into directives, global arguments and stages", () => {
  const dockerfile = parseDockerfile(goService);
  assert.deepEqual(dockerfile.problems, []);
  assert.deepEqual(
    dockerfile.directives.map(({ name, value }) => [name, value]),
    [
      ["syntax", "docker/dockerfile:1"],
      ["check", "error=true"],
    ],
  );
  assert.deepEqual(
    dockerfile.globalArguments.flatMap(pairsOf).map(({ name, value }) => [name, value]),
    [
      ["GO_VERSION", "1.24"],
      ["BASE", undefined],
    ],
  );
  const stages = dockerfile.stages.map(({ index, name, image, platform, instructions }) => [
    index,
    name,
    image.text,
    platform?.value,
    instructions.map(({ keyword }) => keyword).join(" "),
  ]);
  assert.deepEqual(stages, [
    [0, "build", "golang:${GO_VERSION}-alpine", "$BUILDPLATFORM", "WORKDIR COPY RUN COPY ARG RUN"],
    [1, undefined, "scratch", undefined, "COPY ENTRYPOINT"],
  ]);
});

test("everything knows where it stands", () => {
  const [stage] = parseDockerfile(goService).stages;
  assert.ok(stage?.platform);
  assert.equal(textAt(goService, stage.image.range), "golang:${GO_VERSION}-alpine");
  assert.equal(textAt(goService, stage.platform.range), "--platform=$BUILDPLATFORM");
  const compile = stage.instructions.at(-1);
  assert.ok(compile);
  const { line, column, endLine, endColumn } = compile.range;
  assert.deepEqual([line, column, endLine, endColumn], [14, 1, 19, 46]);
  assert.equal(textAt(goService, compile.keywordRange), "RUN");
  assert.deepEqual(
    mountsOf(compile).map((mount) => textAt(goService, mount.range).slice(0, 32)),
    ["--mount=type=cache,target=/go/pk", "--mount=type=cache,id=build-$TAR"],
  );
  const at = compile.text.indexOf("GOARCH");
  assert.equal(textAt(goService, compile.rangeOf(at, at + 18)), "GOARCH=$TARGETARCH");
});

test("continuations, and the comments and blank lines between them, are no part of a line", () => {
  const text = firstOf("RUN a \\\n# comment \\\n  # another\n\n  && b # c \\ \n  && d\nRUN e").text;
  assert.equal(text, "a   && b # c   && d");
  // An escaped escape at the end continues nothing.
  assert.deepEqual(
    instructionsOf("RUN echo \\\\\nRUN b").map((instruction) => instruction.text),
    ["echo \\\\", "b"],
  );
  assert.deepEqual(wordsOf("RU\\\nN a\\\nb"), ["ab"]);
  assert.deepEqual(wordsOf("RUN a \\"), ["a"]);
  const [dos] = parseDockerfile("FROM a\r\nRUN b \\\r\n  c\r\n").stages;
  assert.equal(dos?.instructions[0]?.text, "b   c");
  assert.equal(parseDockerfile("\uFEFFFROM a").stages[0]?.from.range.column, 1);
});

test("the escape directive is heard before anything else, and nowhere else", () => {
  const windows =
    "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver\nCOPY app.exe C:\\\nRUN dir `\n  C:\\\n";
  const { escape, stages, problems } = parseDockerfile(windows);
  assert.deepEqual([escape, problems], ["`", []]);
  assert.deepEqual(
    stages[0]?.instructions.map(({ text }) => text),
    ["app.exe C:\\", "dir   C:\\"],
  );
  for (const before of ["\n", "# a comment\n", "# unknown=1\n", "FROM a\n"]) {
    assert.equal(parseDockerfile(`${before}# escape=\`\nFROM a`).escape, "\\", before);
  }
  assert.equal(parseDockerfile("#syntax = x y\n# ESCAPE = `\nFROM a").escape, "`");
  assert.deepEqual(kindsOf("# escape=x\nFROM a"), ["directive"]);
  assert.deepEqual(kindsOf("# syntax=a\n# syntax=b\nFROM a"), ["directive"]);
});

test("flags are read without their quotes, up to the first argument", () => {
  assert.deepEqual(flagsOf("COPY --from=Build --chown=1:1 a --b c"), ["from=Build", "chown=1:1"]);
  assert.deepEqual(flagsOf('COPY --from="build" a b'), ["from=build"]);
  assert.deepEqual(flagsOf('RUN --mount="type=cache,target=/a b" c'), [
    "mount=type=cache,target=/a b",
  ]);
  assert.deepEqual(flagsOf("COPY --link -- --a b"), ["link="]);
  assert.deepEqual(wordsOf("COPY --link -- --a b"), ["--a", "b"]);
});

test("a mount has a type, options, and where it comes from", () => {
  const [cache, bind] = mountsOf(
    firstOf(`RUN --mount='type=Cache,"dst=/a,b",ID=x,ro' --mount=from=xx,src=/s,target=/t a`),
  );
  assert.deepEqual([cache?.type, cache?.from], ["cache", undefined]);
  assert.deepEqual(Object.fromEntries(cache?.options ?? []), {
    type: "Cache",
    target: "/a,b",
    id: "x",
    ro: "true",
  });
  assert.deepEqual([bind?.type, bind?.from], ["bind", "xx"]);
});

test("the exec form is JSON, blanks and escapes included", () => {
  const text = String.raw`CMD [ "a b" , "c\"d", "\u00e9", "e]" ]`;
  assert.deepEqual(wordsOf(text), ["a b", 'c"d', "é", "e]"]);
  assert.equal(firstOf(text).isExecForm, true);
  const second = firstOf(text).arguments[1];
  assert.ok(second);
  assert.equal(textAt(`FROM scratch\n${text}`, second.range), String.raw`"c\"d"`);
  assert.deepEqual(wordsOf('HEALTHCHECK --interval=1s CMD ["a", "b c"]'), ["a", "b c"]);
  // What is no JSON is a line for the shell.
  for (const shell of ["CMD ['a']", 'CMD ["a",]', 'CMD ["a"] b', 'CMD ["\\a"]']) {
    assert.equal(firstOf(shell).isExecForm, false, shell);
  }
  assert.deepEqual(kindsOf('FROM a\nCMD ["a", 1]'), ["json"]);
});

test("the pairs of ARG, ENV and LABEL keep their quotes and variables", () => {
  assert.deepEqual(namesAndValues("ARG A B=$A C="), [
    ["A", undefined],
    ["B", "$A"],
    ["C", ""],
  ]);
  assert.deepEqual(namesAndValues(String.raw`ENV A="b c" D=e\ f G='h"i j'`), [
    ["A", '"b c"'],
    ["D", String.raw`e\ f`],
    ["G", "'h\"i j'"],
  ]);
  assert.deepEqual(namesAndValues("ENV PATH  /a b:$PATH"), [["PATH", "/a b:$PATH"]]);
  assert.deepEqual(namesAndValues("ARG"), []);
});

/** The line that opens heredocs, and their names. */
const openings: readonly (readonly [string, readonly string[]])[] = [
  ["RUN <<EOF", ["EOF"]],
  ["RUN <<-EOF cat", ["EOF"]],
  ["RUN 3<<EOF cat", ["EOF"]],
  ["RUN cat << EOF > x", ["EOF"]],
  ["RUN <<'EOF'", ["EOF"]],
  ['RUN <<"E O F"', ["E O F"]],
  ["COPY <<A <<B /x/", ["A", "B"]],
  ["RUN <<$X", ["$X"]],
  ["ONBUILD RUN <<EOF", ["EOF"]],
  ["RUN cat <<< EOF", []],
  ["RUN echo $((1<<2))", []],
  ['RUN echo "<<EOF"', []],
  ["RUN echo '", []],
  ["RUN echo it's <<EOF", []],
  ["ENV A=<<EOF", []],
  ['RUN ["a", "<<EOF"]', []],
];

test("a heredoc is found where BuildKit finds one", () => {
  for (const [line, names] of openings) {
    const body = names.map((name) => `FROM ${name}\n# text \\\n${name}\n`).join("");
    const [first, ...more] = instructionsOf(`${line}\n${body}USER me`);
    const heredocs = (first?.trigger ?? first)?.heredocs ?? [];
    assert.deepEqual(
      heredocs.map(({ name }) => name),
      names,
      line,
    );
    assert.deepEqual(
      more.map(({ keyword }) => keyword),
      ["USER"],
      line,
    );
  }
});

test("a heredoc has its text, its kind and its places", () => {
  const text = "FROM a\nRUN <<-'EOF' \\\n  cat\n\tFROM b\n EOF\n\tEOF\nUSER me\n";
  const [run, user] = parseDockerfile(text).stages[0]?.instructions ?? [];
  const [heredoc] = run?.heredocs ?? [];
  assert.ok(run && heredoc);
  assert.equal(heredoc.content, "\tFROM b\n EOF\n");
  assert.deepEqual([heredoc.expands, heredoc.chomps, heredoc.fileDescriptor], [false, true, 0]);
  assert.equal(textAt(text, heredoc.range), "<<-'EOF'");
  assert.equal(textAt(text, heredoc.contentRange), "\tFROM b\n EOF\n");
  assert.equal(textAt(text, run.range), text.slice(7, -9));
  assert.equal(user?.range.line, 7);
  assert.equal(firstOf("RUN 3<<EOF\nEOF").heredocs[0]?.fileDescriptor, 3);
});

test("ONBUILD holds an instruction of its own", () => {
  const text = "FROM a\nONBUILD COPY --from=build a b\n";
  const trigger = parseDockerfile(text).stages[0]?.instructions[0]?.trigger;
  assert.ok(trigger);
  assert.deepEqual([trigger.keyword, trigger.flags[0]?.value], ["COPY", "build"]);
  assert.equal(textAt(text, trigger.range), "COPY --from=build a b");
});

function kindsOf(text: string): readonly string[] {
  return parseDockerfile(text).problems.map(({ kind }) => kind);
}

/** A Dockerfile that does not build, and the problem that it has. */
const wrong: Readonly<Record<string, string>> = {
  "": "empty",
  "# only a comment\n": "empty",
  "ARG A\n": "empty",
  "RUN a\nFROM b\n": "before-from",
  "FROM a\nRUNN b\n": "unknown-instruction",
  "FROM a b\n": "from",
  "FROM\n": "from",
  "FROM a AS 1b\n": "from",
  "FROM --platfrom=linux/amd64 a\n": "flag",
  "FROM a\nRUN <<EOF\ntext\n": "heredoc",
  "FROM a\nONBUILD ONBUILD RUN b\n": "onbuild",
  "FROM a\nONBUILD\n": "onbuild",
  "FROM a\nRUN \0\n": "binary",
  [`FROM a\nRUN ${"x".repeat(limits.lineBytes)}\n`]: "line-too-long",
  [`FROM a\nRUN ${"€".repeat(limits.lineBytes / 3)}\n`]: "line-too-long",
};

test("what does not build is a problem with its place", () => {
  for (const [text, kind] of Object.entries(wrong)) {
    const { problems } = parseDockerfile(text);
    assert.deepEqual([problems.length, problems[0]?.kind], [1, kind], text.slice(0, 40));
  }
  const [problem] = parseDockerfile("FROM a\n  RUNN b\n").problems;
  assert.deepEqual(problem?.range, { line: 2, column: 3, endLine: 2, endColumn: 7 });
});

test("what is too large is refused, and what may be read is read in linear time", () => {
  assert.deepEqual(kindsOf("x".repeat(10_000_000)), ["too-large"]);
  assert.deepEqual(kindsOf("FROM a\n".repeat(2_000_000)), ["too-large"]);
  const hostile = [
    filled("RUN a \\\n"),
    filled("# x\n"),
    filled("RUN <<A\nA\n"),
    `RUN ${"<<A ".repeat(10_000)}\n${filled("A\n")}`,
    `RUN ${"<<A ".repeat(10_000)}`,
    `RUN ${"\\\n".repeat(300_000)}`,
    filled("\\\n"),
    filled("FROM a AS b\n"),
    `CMD [${'"a",'.repeat(15_000)}"b"]`,
    `CMD ["a"${",[".repeat(30_000)}`,
    `RUN ${" ".repeat(60_000)}<<${" ".repeat(4_000)}<`,
    `# syntax=${"x ".repeat(30_000)}`,
    `ONBUILD ${"ONBUILD ".repeat(8_000)}`,
    `ONBUILD \\\n${filled("ONBUILD \\\n")}`,
    `ENV ${"a=b ".repeat(15_000)}`,
    `ENV a=${"\\".repeat(60_000)}`,
    `COPY ${"--a=b ".repeat(10_000)}c d`,
    `RUN --mount=${'",'.repeat(30_000)} a`,
  ];
  const start = performance.now();
  for (const text of hostile) {
    const { instructions } = parseDockerfile(`FROM a\n${text}`);
    for (const instruction of instructions) mountsOf(instruction);
  }
  // Some 0.1 s each at most; quadratic time would take minutes.
  assert.ok(performance.now() - start < 20_000);
});

test("no text breaks the parser, and every range lies in the text", () => {
  const pieces = [
    "FROM a",
    "FROM --platform=$BUILDPLATFORM a AS b",
    "RUN ",
    "COPY --from=b ",
    "ENV A=",
    "ARG ",
    "ONBUILD ",
    "CMD [",
    '"',
    "'",
    "<<EOF",
    "<<-",
    "EOF\n",
    "\\\n",
    "\n",
    "# escape=`\n",
    " ",
    "\t",
    "--mount=",
    "\r\n",
    "${A",
    "}",
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 40 });
  fc.assert(
    fc.property(text, (parts) => {
      const source = parts.join("").replaceAll("\0", "");
      const lines = source.replace(/^\uFEFF/, "").split("\n");
      const { instructions, problems, directives } = parseDockerfile(source);
      const ranges = [...instructions, ...problems, ...directives].map(({ range }) => range);
      const inner = instructions.flatMap(({ arguments: words, flags, heredocs, trigger }) =>
        [...words, ...flags, ...heredocs, ...(trigger?.arguments ?? [])].map(({ range }) => range),
      );
      for (const range of [...ranges, ...inner]) assertInside(range, lines);
    }),
    { numRuns: 1_000 },
  );
});

function assertInside(range: Range, lines: readonly string[]): void {
  const { line, column, endLine, endColumn } = range;
  assert.ok(line >= 1 && column >= 1, JSON.stringify(range));
  assert.ok(line < endLine || (line === endLine && column <= endColumn), JSON.stringify(range));
  assert.ok(endLine <= lines.length, JSON.stringify(range));
  assert.ok(endColumn <= (lines[endLine - 1] ?? "").length + 1, JSON.stringify(range));
}
