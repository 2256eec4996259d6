import assert from "node:assert/strict";
import { test } from "node:test";
import { adviseStages } from "../build/emulation/explanation.ts";
import { programSteps, targetStages } from "../build/stages.ts";
import { parseDockerfile } from "../dockerfile/syntax.ts";
import { parsePlatform } from "../platform/platform.ts";
import { explanationDocument, explanationText } from "./emulation.ts";
import { plain } from "./style.ts";

const text = `FROM golang:1.24 AS build
WORKDIR /src
COPY . .
RUN go build -o /app .
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y tzdata
COPY --from=build /app /app
RUN /app --write-defaults
`;

function advised() {
  const dockerfile = parseDockerfile(text);
  const targets = targetStages({
    dockerfile,
    request: { platforms: [parsePlatform("linux/amd64")] },
    options: {},
    env: {},
    native: parsePlatform("linux/arm64"),
  });
  const times = [61_240, 9500, undefined];
  const steps = programSteps(targets).map((step, at) => {
    const ms = times[at];
    return ms === undefined ? { step } : { step, ms };
  });
  return adviseStages(steps, dockerfile, targets);
}

test("an advice shows the step, the way out and the lines to paste", () => {
  assert.equal(
    explanationText(advised(), text, plain),
    `Stage build: 1 emulated step, 61.2 s

  for linux/amd64, 61.2 s
  > 4 | RUN go build -o /app .
      | ^^^^^^^^^^^^^^^^^^^^^^

Cross-compile it on $BUILDPLATFORM. Go compiles for any machine on any machine.
Check: CGO_ENABLED=0 leaves out what needs C; if the program uses cgo (sqlite3, for one), it takes a
compiler of C for the target instead.

    FROM --platform=$BUILDPLATFORM golang:1.24 AS build
    WORKDIR /src
    COPY . .
    ARG TARGETOS TARGETARCH
    RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .

Stage number 1: 1 emulated step, 9.5 s

  for linux/amd64, 9.5 s
  > 6 | RUN apt-get update && apt-get install -y tzdata
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

Keep it as it is. A package manager runs the programs that it installs, so it has to run for the
target; install little, or use a native node.

Stage number 1: 1 emulated step

  for linux/amd64
  > 8 | RUN /app --write-defaults
      | ^^^^^^^^^^^^^^^^^^^^^^^^^

Build it on a native node. Nobody can say here what /app does for another machine.

    transship setup --node ssh://user@server`,
  );
});

test("a build without emulated steps needs no advice", () => {
  assert.equal(explanationText([], text, plain), "No step runs emulated.");
});

test("the document has the same for programs", () => {
  const [first, , last] = explanationDocument(advised());
  assert.deepEqual(first, {
    stage: "build",
    way: "cross-toolchain",
    why: "Go compiles for any machine on any machine.",
    lines: advised()[0]?.lines,
    caveat: advised()[0]?.caveat,
    command: null,
    ms: 61_240,
    steps: [{ line: 4, endLine: 4, platforms: ["linux/amd64"], ms: 61_240 }],
  });
  assert.deepEqual(
    [last?.["way"], last?.["command"], last?.["caveat"], last?.["ms"]],
    ["native-node", "transship setup --node ssh://user@server", null, null],
  );
});
