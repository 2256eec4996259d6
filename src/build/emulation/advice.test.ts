/** Dockerfiles as people write them, with what is advised for them, in `cases/`: the Dockerfile, a line of dashes, the advice. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import { parsePlatform, type Platform, samePlatform } from "../../platform/platform.ts";
import { programSteps, targetStages } from "../stages.ts";
import { adviseStages, type StageAdvice } from "./explanation.ts";

const cases = path.join(import.meta.dirname, "cases");
const amd64 = parsePlatform("linux/amd64");
const arm64 = parsePlatform("linux/arm64");

/** What is advised for a build on arm64. */
function advise(text: string, platforms: readonly Platform[] = [amd64]): readonly StageAdvice[] {
  const dockerfile = parseDockerfile(text);
  const request = { platforms };
  const targets = targetStages({ dockerfile, request, options: {}, env: {}, native: arm64 });
  const emulated = programSteps(targets).filter(({ platform }) => !samePlatform(platform, arm64));
  return adviseStages(
    emulated.map((step) => ({ step })),
    dockerfile,
    targets,
  );
}

/** One paragraph an advice: its lines in the Dockerfile, the way, why, what to check, what to write. */
function told(advices: readonly StageAdvice[]): string {
  return advices
    .map(({ steps, stage, way, why, caveat, lines }) =>
      [
        `${steps.map(({ instruction }) => instruction.range.line).join(", ")} of ${stage}: ${way}`,
        why,
        ...(caveat === undefined ? [] : [`Check: ${caveat}`]),
        ...(lines.length === 0 ? [] : ["", ...lines]),
      ].join("\n"),
    )
    .join("\n\n");
}

/** The Dockerfile with the advice taken: the stages that its lines write take the place of those of the same name, new ones stand before them. */
function applied(text: string, { lines, stage }: StageAdvice): string {
  const before = parseDockerfile(text);
  const rows = text.split("\n");
  const written = stagesOf(lines.join("\n"));
  const own = written.findLast(({ name }) => name === undefined);
  const parts = before.stages.map(({ name, index, from }) => {
    const end = before.stages[index + 1]?.from.range.line ?? rows.length + 1;
    const same = written.find((one) => one.name !== undefined && one.name === name);
    const isOwn = name === undefined && String(index) === stage;
    return {
      name,
      text: (isOwn ? own : same)?.text ?? rows.slice(from.range.line - 1, end - 1).join("\n"),
    };
  });
  const names = new Set(parts.map(({ name }) => name));
  const added = written.filter((one) => one !== own && !names.has(one.name));
  const head = rows.slice(0, (before.stages[0]?.from.range.line ?? 1) - 1);
  return [...head, ...added.map((one) => one.text), ...parts.map((one) => one.text)].join("\n");
}

function stagesOf(text: string) {
  const { stages } = parseDockerfile(text);
  const rows = text.split("\n");
  return stages.map(({ name, from }, index) => {
    const end = stages[index + 1]?.from.range.line ?? rows.length + 1;
    return { name, text: rows.slice(from.range.line - 1, end - 1).join("\n") };
  });
}

/** The lines of the RUN instructions that run under the emulator. */
function emulatedIn(text: string, platforms: readonly Platform[] = [amd64]): readonly string[] {
  const dockerfile = parseDockerfile(text);
  assert.deepEqual(dockerfile.problems, [], text);
  const request = { platforms };
  const targets = targetStages({ dockerfile, request, options: {}, env: {}, native: arm64 });
  return programSteps(targets)
    .filter(({ platform }) => !samePlatform(platform, arm64))
    .map(({ instruction }) => instruction.text);
}

function count(texts: readonly string[], one: string): number {
  return texts.filter((text) => text === one).length;
}

function assertTaken(text: string, platforms?: readonly Platform[]): void {
  for (const advice of advise(text, platforms)) {
    const isChange = advice.way === "build-platform" || advice.way === "cross-toolchain";
    assert.equal(advice.lines.length > 0, isChange, advice.way);
    assert.equal(advice.command === undefined, advice.way !== "native-node");
    if (!isChange) continue;
    const after = emulatedIn(applied(text, advice), platforms);
    const isSplit = advice.lines.some(
      (line) => line.startsWith("FROM ") && !line.includes("$BUILDPLATFORM"),
    );
    const before = emulatedIn(text, platforms);
    // A RUN that was parted leaves its packages in the image.
    assert.ok(after.length < before.length || isSplit, advice.lines.join("\n"));
    for (const run of new Set(advice.steps.map(({ instruction }) => instruction.text))) {
      assert.ok(count(after, run) < count(before, run), run);
    }
  }
}

const files = await readdir(cases);
for (const file of files) {
  test(`advice for ${file.replace(/\.txt$/, "").replaceAll("-", " ")}`, async () => {
    const text = await readFile(path.join(cases, file), "utf8");
    const [dockerfile = "", expected = ""] = text.split(/^-{20,}\n/m);
    assert.equal(`${told(advise(dockerfile))}\n`, expected);
  });
}

test("there are cases", () => {
  assert.ok(files.length >= 25, String(files.length));
});

test("where the advice is taken, none of its steps runs emulated", async () => {
  for (const file of files) {
    const text = await readFile(path.join(cases, file), "utf8");
    const [dockerfile = ""] = text.split(/^-{20,}\n/m);
    assertTaken(dockerfile);
    assertTaken(dockerfile, [amd64, arm64, parsePlatform("linux/arm/v7")]);
  }
});

test("of several platforms each has its word, and one without a word needs a node", () => {
  const text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\n";
  const [many] = advise(text, [amd64, arm64, parsePlatform("linux/arm/v7")]);
  const line = many?.lines.find((one) => one.includes("case"));
  assert.match(line ?? "", /amd64\) CPU=x64 ;; arm64\) CPU=arm64 ;; arm\) CPU=arm ;;/);
  const [none] = advise(text, [parsePlatform("linux/riscv64")]);
  assert.equal(none?.way, "native-node");
});

test("Go takes GOARM where 32-bit ARM is among the platforms", () => {
  const text = "FROM golang:1\nWORKDIR /s\nRUN CGO_ENABLED=0 go build -o app .\n";
  const [advice] = advise(text, [amd64, parsePlatform("linux/arm/v7")]);
  assert.ok(advice?.lines.some((line) => line.includes("GOARM=${TARGETVARIANT#v}")));
  assert.ok(advice?.lines.includes("ARG TARGETOS TARGETARCH TARGETVARIANT"));
});

test("names that the file has are not given to another stage", () => {
  const text =
    "FROM golang:1 AS build\nFROM golang:1\nWORKDIR /s\nCOPY --from=build /x /x\nRUN go build -o app .\n";
  const [advice] = advise(text);
  assert.ok(advice?.lines.includes("FROM --platform=$BUILDPLATFORM golang:1 AS build-2"));
});

test("a Dockerfile's own escape is kept", () => {
  const text = "# escape=`\nFROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci `\n --omit=dev\n";
  const [advice] = advise(text);
  assert.ok(
    advice?.lines.some((line) => line.endsWith("&& `")),
    advice?.lines.join("\n"),
  );
  assertTaken(text);
});

test("the time that steps took adds up, and the dearest stands first", () => {
  const dockerfile = parseDockerfile(
    "FROM golang:1 AS b\nWORKDIR /s\nRUN go mod download\nRUN go build -o /a .\nFROM alpine\nRUN apk add curl\nCOPY --from=b /a /a\n",
  );
  const targets = targetStages({
    dockerfile,
    request: { platforms: [amd64] },
    options: {},
    env: {},
    native: arm64,
  });
  const times = [1000, 30_000, 90_000];
  const timed = programSteps(targets).map((step, at) => ({ step, ms: times[at] ?? 0 }));
  const found = adviseStages(timed, dockerfile, targets);
  assert.deepEqual(
    found.map(({ stage, ms, steps }) => [stage, ms, steps.map((step) => step.ms)]),
    [
      ["1", 90_000, [90_000]],
      ["b", 31_000, [30_000, 1000]],
    ],
  );
});

/** Dockerfiles made of lines that people write, in any order, and of anything else. */
const lines = fc.constantFrom(
  ...'FROM golang:1 AS a|FROM node:22-slim AS b|FROM a|FROM b AS c|FROM scratch|FROM --platform=linux/amd64 debian AS d|FROM $X AS e|WORKDIR /app|WORKDIR $Y|COPY . .|COPY --from=a /app /app|COPY --from=b /usr /usr|COPY --from=busybox /bin/sh /x|COPY --from=0 / /|USER node|ARG TARGETARCH=amd64|ENV CGO_ENABLED=1|ENV GOARCH arm64|SHELL ["/bin/bash", "-c"]|ONBUILD RUN make|RUN go build -o /app/x .|RUN set -eux; go mod download; go build|RUN npm ci|RUN npm ci && npm run build|RUN yarn|RUN pip install -r r.txt|RUN apt-get update && apt-get install -y gcc libssl-dev && make install|RUN ./configure && make && make install|RUN curl -L https://x/amd64.tgz \\| tar xz -C /usr/local|RUN curl -o /usr/local/bin/k https://x/$(uname -m)/k && chmod +x /usr/local/bin/k|RUN ["go", "build"]|RUN <<E\ngo build\nE|RUN cargo build --release && cp target/release/x /x|RUN dotnet publish -o /out|RUN mvn package|RUN if x; then y; fi|RUN $(a `b "$c" ${d:-\'e\'}`)|RUN --mount=type=cache,target="/a b" npm ci|HEALTHCHECK CMD true'
    .split("|")
    .map((line) => line.replaceAll("\\", "|").replace("||", "|")),
);
const dockerfiles = fc
  .array(fc.oneof({ weight: 20, arbitrary: lines }, { weight: 1, arbitrary: fc.string() }), {
    maxLength: 14,
  })
  .map((parts) => ["FROM debian:bookworm", ...parts].join("\n"));

test("whatever the Dockerfile is, the advice is sound", () => {
  fc.assert(
    fc.property(dockerfiles, (text) => {
      const found = advise(text, [amd64, arm64]);
      if (parseDockerfile(text).problems.length === 0) assertTaken(text, [amd64, arm64]);
      for (const { lines: written } of found) {
        if (written.length > 0) assert.deepEqual(parseDockerfile(written.join("\n")).problems, []);
      }
    }),
    { numRuns: 1500 },
  );
});

test("a hostile Dockerfile holds nothing up", () => {
  const began = performance.now();
  advise(`FROM a\n${"RUN a;".repeat(10_000)}`);
  advise(`FROM a\n${"RUN go build && npm ci\n".repeat(1500)}`);
  advise(
    Array.from(
      { length: 90 },
      (_, at) => `FROM s${at - 1} AS s${at}\nCOPY --from=s0 / /\nRUN make`,
    ).join("\n"),
  );
  advise(`FROM a\nRUN ${"$(".repeat(9000)}`);
  advise(`FROM a\nRUN ${"(".repeat(20_000)}`);
  assert.ok(performance.now() - began < 10_000, `${performance.now() - began} ms`);
});
