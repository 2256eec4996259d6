/** The ways out of emulation, taken: what ran emulated before runs natively then, and the image is proven for its platform. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import * as z from "zod";
import { adviseStages, type StageAdvice } from "../../src/build/emulation/explanation.ts";
import { programSteps, targetStages } from "../../src/build/stages.ts";
import { parseDockerfile } from "../../src/dockerfile/syntax.ts";
import { parsePlatform, samePlatform } from "../../src/platform/platform.ts";
import {
  baseFlags,
  directory,
  engineTest,
  ensureBuilder,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";

const native = parsePlatform("linux/amd64");
const target = parsePlatform("linux/arm64");
const document = z.object({
  verdict: z.string(),
  steps: z.array(z.object({ name: z.string(), emulated: z.boolean().nullable() })),
  emulation: z.object({ steps: z.number(), unknown: z.number() }),
});

/** A program for each machine, from which the scripts below choose. */
const { amd64, arm64 } = tinyContext();

/** What compiles for the machine that GOARCH names, else for the one that it runs on, as Go does. */
const go = `#!/bin/sh
case "$(uname -m)" in x86_64) own=amd64 ;; *) own=arm64 ;; esac
cp "/src/\${GOARCH:-$own}" /app && chmod 755 /app
`;
/** What fetches the program that the end of the address names. */
const curl = `#!/bin/sh
case "$4" in *x86_64) own=amd64 ;; *aarch64) own=arm64 ;; *) exit 22 ;; esac
cp "/mirror/$own" "$3"
`;

/** The advice is the same on every engine, so it is taken on one. */
function adviceTest(
  name: string,
  body: (engine: TestEngine, context: TestContext) => Promise<void>,
): void {
  engineTest(name, async (engine, context) => {
    if (engine.name !== "classic") return context.skip("tried on one engine");
    await body(engine, context);
  });
}

/** The advice for a build on amd64 for arm64 that says what to write. */
function changeFor(text: string): StageAdvice {
  const dockerfile = parseDockerfile(text);
  const request = { platforms: [target] };
  const targets = targetStages({ dockerfile, request, options: {}, env: {}, native });
  const emulated = programSteps(targets).filter(({ platform }) => !samePlatform(platform, native));
  const steps = emulated.map((step) => ({ step }));
  const change = adviseStages(steps, dockerfile, targets).find(({ lines }) => lines.length > 0);
  assert.ok(change, text);
  return change;
}

/** Builds before and after the change, and holds each to what is said of it; without `before` only what comes after. */
async function takeOut(
  engine: TestEngine,
  context: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
  { before, after }: { readonly before?: string; readonly after: string },
): Promise<void> {
  await ensureBuilder(engine);
  const cache = await directory(context);
  for (const [text, isEmulated] of [
    [before, true],
    [after, false],
  ] as const) {
    if (text === undefined) continue;
    const sources = await directory(context, { ...files, Dockerfile: text });
    const flags = [
      "-i",
      "transship-test-emulation",
      "-c",
      sources,
      "--no-load",
      ...baseFlags(engine),
    ];
    const ended = await transship(
      ["build", ...flags, "--json", "--no-cache", "--platform", "linux/arm64"],
      { env: { XDG_CACHE_HOME: cache } },
    );
    assert.equal(ended.exitCode, 0, `${text}\n${ended.stderr}`);
    const { verdict, steps, emulation } = document.parse(JSON.parse(ended.stdout));
    assert.equal(verdict, "proven", text);
    assert.equal(emulation.unknown, 0);
    const runs = steps.filter(({ name }) => / RUN /.test(name));
    assert.ok(runs.length > 0);
    assert.deepEqual([...new Set(runs.map(({ emulated }) => emulated))], [isEmulated], text);
    assert.equal(emulation.steps > 0, isEmulated, text);
  }
}

adviceTest("a stage of Go is moved to the builder's platform", async (engine, context) => {
  const stage = [
    "FROM debian:bookworm-slim AS build",
    "COPY --chmod=755 go /usr/local/bin/go",
    "WORKDIR /src",
    "COPY amd64 arm64 ./",
    "RUN go build -o /app .",
  ];
  const rest = ["FROM scratch", "COPY --from=build /app /app", 'ENTRYPOINT ["/app"]'];
  const before = [...stage, ...rest].join("\n");
  const { lines, way } = changeFor(before);
  assert.equal(way, "cross-toolchain");
  const after = [...lines, ...rest].join("\n");
  await takeOut(engine, context, { go, amd64, arm64 }, { before, after });
});

adviceTest("a download is taken out of the image's own stage", async (engine, context) => {
  const before = [
    "FROM debian:bookworm-slim",
    "COPY --chmod=755 curl /usr/local/bin/curl",
    "COPY amd64 arm64 /mirror/",
    'RUN curl -fsSL -o /usr/local/bin/app "https://example.org/app-$(uname -m)" && chmod 755 /usr/local/bin/app',
    'ENTRYPOINT ["/usr/local/bin/app"]',
  ].join("\n");
  const { lines, way } = changeFor(before);
  assert.equal(way, "build-platform");
  await takeOut(engine, context, { curl, amd64, arm64 }, { before, after: lines.join("\n") });
});

adviceTest("C is compiled by Debian's compilers for other machines", async (engine, context) => {
  const stage = [
    "FROM debian:bookworm-slim AS build",
    "RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev",
    "COPY app.c /src/",
    "RUN gcc -O2 -static -o /app /src/app.c",
  ];
  const rest = ["FROM scratch", "COPY --from=build /app /app", 'ENTRYPOINT ["/app"]'];
  const before = [...stage, ...rest].join("\n");
  const { lines, way } = changeFor(before);
  assert.equal(way, "cross-toolchain");
  const after = [...lines, ...rest].join("\n");
  // An emulated gcc takes minutes to install; that its steps are emulated, the plan has said.
  await takeOut(engine, context, { "app.c": "int main(void) { return 0; }\n" }, { after });
});
