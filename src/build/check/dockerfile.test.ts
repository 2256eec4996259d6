import assert from "node:assert/strict";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "../../../test/directory.ts";
import { createContext } from "../../context.ts";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import { parsePlatform } from "../../platform/platform.ts";
import { type StagesOptions, targetStages } from "../stages.ts";
import { lookAtContext } from "./context.ts";
import { dockerfileChecks } from "./dockerfile.ts";

interface Asked {
  readonly native?: string;
  readonly options?: StagesOptions["options"];
  readonly files?: Readonly<Record<string, string>>;
}

/** What is said of a build of that text for both platforms, without the file's directory. */
async function said(
  t: TestContext,
  text: string,
  { native = "linux/amd64", options = {}, files = {} }: Asked = {},
) {
  const context = await directoryWith(t, { Dockerfile: text, ...files });
  const dockerfile = parseDockerfile(text);
  const request = {
    context,
    dockerfile: path.join(context, "Dockerfile"),
    platforms: ["linux/amd64", "linux/arm64"].map(parsePlatform),
  };
  const targets = targetStages({
    dockerfile,
    request,
    options,
    env: {},
    native: parsePlatform(native),
  });
  const work = { options, request, source: { dockerfile, text } };
  const { signal } = new AbortController();
  const look = await lookAtContext({ ...request, signal });
  const checks = await dockerfileChecks({ work, targets, look }, createContext());
  return checks.map(({ status, detail }) => `${status} ${detail.replace(`${context}/`, "")}`);
}

const go =
  "FROM --platform=$BUILDPLATFORM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n";

test("lint's errors are said of this build's platforms and its machine", async (t) => {
  assert.deepEqual(await said(t, go), [
    "warn R4, Dockerfile:4: Go runs on the machine that builds and is told no other: built for linux/arm64 on linux/amd64, the image gets a program for linux/amd64.",
  ]);
  assert.deepEqual(await said(t, "FROM debian\nARG TARGETARCH\nRUN echo $TARGETARCH\n"), []);
});

test("the files of the context count as they do for lint", async (t) => {
  const rust = go
    .replace("golang", "rust")
    .replace("go build -o /app .", "cargo build && cp target/app /app");
  const told = { ".cargo/config.toml": '[build]\ntarget = "aarch64-unknown-linux-musl"\n' };
  assert.deepEqual(await said(t, rust, { files: told }), [
    "warn R2, Dockerfile:4: In .cargo/config.toml:2: Built for linux/amd64, the image gets what Rust makes for arm64.",
  ]);
  const script = { "get.sh": "curl -O https://example.org/tool-amd64.tar.gz\n" };
  assert.deepEqual(
    await said(t, "FROM debian\nCOPY get.sh /\nRUN sh /get.sh\n", { files: script }),
    [
      "warn R7, Dockerfile:3: In get.sh:1: Built for linux/arm64, this still is the file for amd64.",
    ],
  );
});

test("a stage that a build context takes the place of is not looked at", async (t) => {
  const options = { buildContexts: ["build=docker-image://example.org/built"] };
  assert.deepEqual(await said(t, go, { options }), []);
});

test("of lock files and artefacts the other checks speak", async (t) => {
  const text = "FROM ruby\nENV BUNDLE_FROZEN=1\nWORKDIR /app\nCOPY . .\nRUN bundle install\n";
  const files = { "Gemfile.lock": "PLATFORMS\n  x86_64-linux\n\nDEPENDENCIES\n" };
  assert.deepEqual(await said(t, text, { files }), []);
});
