import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, mended, shown } from "../../../test/lint/findings.ts";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly found: readonly string[];
  readonly says?: string;
}

const rust = "FROM rust AS build\nWORKDIR /app\n";
const alone = "target=/app/target";

const wrong: readonly Case[] = [
  {
    name: "Cargo's target directory, beside its registry",
    text: `${rust}RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,${alone} cargo build --release && cp target/release/app /app`,
    found: [`error '--mount=type=cache,${alone}'`],
    says: "Built for linux/amd64, this cache is Cargo's target directory and has the same id /app/target as on every other platform: each of them puts its program at the same path there",
  },
  {
    name: "a directory that CARGO_TARGET_DIR names, by a target without its directory",
    text: `${rust}ENV CARGO_TARGET_DIR=/build\nRUN --mount=type=cache,dst=/build/ --mount=target=. cargo +nightly install --path . --root /out`,
    found: ["error '--mount=type=cache,dst=/build/'"],
    says: "the same id /build as",
  },
  {
    name: "an id that does not tell platforms apart",
    text: `${rust}ARG TARGETOS\nRUN --mount=type=cache,id=rust-$TARGETOS,${alone} cargo build`,
    found: [`error '--mount=type=cache,id=rust-$TARGETOS,${alone}'`],
  },
  {
    name: "an id of one architecture, on the others",
    text: `${rust}RUN --mount=type=cache,id=rust-x86_64,${alone} cargo build`,
    found: [`error '--mount=type=cache,id=rust-x86_64,${alone}' linux/arm64`],
  },
  {
    name: "CMake's build directory, whatever its sharing",
    text: "FROM debian AS build\nWORKDIR /src\nRUN --mount=type=cache,sharing=locked,target=/src/build cmake -S . -B build -G Ninja && cmake --build build",
    found: ["error '--mount=type=cache,sharing=locked,target=/src/build'"],
    says: "as on every other platform, sharing=locked or not: object files",
  },
  {
    name: "the directory that CMake starts in",
    text: "FROM debian AS build\nWORKDIR /src\nRUN --mount=type=cache,target=/src/out mkdir -p out && cd out && cmake .. && make",
    found: ["error '--mount=type=cache,target=/src/out'"],
  },
  {
    name: "Meson's, told the target on the machine that builds",
    text: "FROM --platform=$BUILDPLATFORM debian AS build\nARG TARGETARCH\nWORKDIR /src\nRUN --mount=type=cache,target=build meson setup build --cross-file $TARGETARCH.ini && ninja -C build\nFROM debian\nCOPY --from=build /src/app /app",
    found: ["error '--mount=type=cache,target=build'"],
  },
  {
    name: "a virtual environment",
    text: "FROM python AS build\nRUN --mount=type=cache,target=/opt/venv python -m venv /opt/venv && /opt/venv/bin/pip install -r r.txt && cp -r /opt/venv /venv",
    found: ["error '--mount=type=cache,target=/opt/venv'"],
  },
  {
    name: "addons in node_modules",
    text: "FROM node AS build\nWORKDIR /app\nRUN --mount=type=cache,target=/app/node_modules,sharing=private pnpm install --frozen-lockfile && pnpm run build",
    found: ["warning '--mount=type=cache,target=/app/node_modules,sharing=private'"],
  },
  {
    name: "node_modules that is emptied by each",
    text: "FROM node AS build\nWORKDIR /app\nRUN --mount=type=cache,target=/app/node_modules npm ci && npm run build",
    found: ["warning '--mount=type=cache,target=/app/node_modules'"],
    says: "where they are built at once",
  },
  {
    name: "gems with extensions",
    text: "FROM ruby AS build\nWORKDIR /app\nENV BUNDLE_PATH=/gems\nRUN --mount=type=cache,target=/gems bundle install && cp -r /gems /out",
    found: ["warning '--mount=type=cache,target=/gems'"],
  },
  {
    name: "what Mix compiled",
    text: "FROM elixir AS build\nWORKDIR /app\nRUN --mount=type=cache,target=/app/_build MIX_ENV=prod mix do deps.get, release --path /out",
    found: ["error '--mount=type=cache,target=/app/_build'"],
  },
  {
    name: "Zig's output, told the target on the machine that builds",
    text: "FROM --platform=$BUILDPLATFORM debian AS build\nARG TARGETARCH\nWORKDIR /src\nRUN --mount=type=cache,target=/src/zig-out zig build -Dtarget=$TARGETARCH-linux-musl && cp zig-out/bin/app /app\nFROM scratch\nCOPY --from=build /app /app",
    found: ["error '--mount=type=cache,target=/src/zig-out'"],
  },
  {
    name: "browsers of Playwright",
    text: "FROM node\nRUN --mount=type=cache,target=/root/.cache/ms-playwright npx playwright install chromium && npx playwright test",
    found: ["error '--mount=type=cache,target=/root/.cache/ms-playwright'"],
  },
  {
    name: ".NET's start program",
    text: "FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build\nWORKDIR /src\nRUN --mount=type=cache,target=/src/obj dotnet publish -c Release -o /out",
    found: ["error '--mount=type=cache,target=/src/obj'"],
  },
];

for (const { name, text, found, says } of wrong) {
  test(`a cache of one architecture's files is shared by all: ${name}`, () => {
    const findings = findingsOf("R8", text);
    assert.deepEqual(shown(text, findings), found);
    if (says !== undefined) assert.ok(findings[0]?.message.includes(says), findings[0]?.message);
  });
}

const right: Readonly<Record<string, string>> = {
  "an id with the architecture": `${rust}ARG TARGETARCH\nRUN --mount=type=cache,id=rust-\${TARGETARCH},${alone} cargo build`,
  "an id with the platform, in a stage that inherits it": `FROM rust AS base\nARG TARGETPLATFORM\nFROM base\nRUN --mount=type=cache,${alone},id=rust-$TARGETPLATFORM cargo build`,
  "an id with a variable that is made of the architecture": `${rust}ARG TARGETARCH\nENV KEY=rust-$TARGETARCH\nRUN --mount=type=cache,id=$KEY,${alone} cargo build`,
  "a target path with the architecture, and no id": `${rust}ARG TARGETARCH\nRUN --mount=type=cache,target=/app/$TARGETARCH/target cargo build --target-dir /app/$TARGETARCH/target`,
  "an id with an architecture that is not declared, which R11 tells": `${rust}RUN --mount=type=cache,id=rust-$TARGETARCH,${alone} cargo build`,
  "an id with a variable that nobody knows": `${rust}ARG KEY\nRUN --mount=type=cache,id=$KEY,${alone} cargo build`,
  "Cargo with a directory for each triple": `FROM --platform=$BUILDPLATFORM rust AS build\nARG TARGETARCH\nWORKDIR /app\nRUN --mount=type=cache,${alone} cargo build --target $(cat /triple-$TARGETARCH)\nFROM debian\nCOPY --from=build /app/x /x`,
  "Cargo one after the other": `${rust}RUN --mount=type=cache,sharing=locked,${alone} cargo build && cp target/release/app /bin/app`,
  "Cargo that only looks": `${rust}RUN --mount=type=cache,${alone} cargo clippy`,
  "cargo install, which builds elsewhere": `${rust}RUN --mount=type=cache,${alone} cargo install ripgrep`,
  "the registry of Cargo": `${rust}RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/usr/local/cargo/git cargo build`,
  "Go's caches":
    "FROM golang\nRUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod CGO_ENABLED=1 go build .",
  "the caches of npm, pnpm, Yarn and pip":
    "FROM node\nRUN --mount=type=cache,target=/root/.npm npm install\nRUN --mount=type=cache,id=pnpm,target=/pnpm/store pnpm install\nRUN --mount=type=cache,target=/usr/local/share/.cache yarn\nRUN --mount=type=cache,target=/root/.cache/pip pip install numpy",
  "packages of Debian and Alpine":
    "FROM debian\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get install -y gcc\nRUN --mount=type=cache,target=/var/cache/apk apk add gcc",
  "ccache, with CMake":
    "FROM debian\nWORKDIR /src\nRUN --mount=type=cache,target=/ccache CCACHE_DIR=/ccache cmake -B build && cmake --build build",
  "Maven's target, which holds classes":
    "FROM maven\nWORKDIR /app\nRUN --mount=type=cache,target=/root/.m2 --mount=type=cache,target=/app/target mvn package",
  "node_modules on the machine that builds":
    "FROM --platform=$BUILDPLATFORM node AS build\nWORKDIR /app\nRUN --mount=type=cache,target=/app/node_modules npm install && npm run build\nFROM nginx\nCOPY --from=build /app/dist /web",
  "a stage of a fixed platform": `FROM --platform=linux/amd64 rust AS build\nWORKDIR /app\nRUN --mount=type=cache,${alone} cargo build\nFROM debian\nCOPY --from=build /app/x /x`,
  "a build directory for each architecture in one cache":
    "FROM --platform=$BUILDPLATFORM debian AS build\nARG TARGETARCH\nWORKDIR /src\nRUN --mount=type=cache,target=/src/build cmake -B build/$TARGETARCH && cmake --build build/$TARGETARCH\nFROM debian\nCOPY --from=build /src/x /x",
  ".NET with a directory for each platform":
    "FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build\nARG TARGETARCH\nWORKDIR /src\nRUN --mount=type=cache,target=/src/obj dotnet publish -a $TARGETARCH -o /out",
  "another project's build directory":
    "FROM debian\nWORKDIR /src\nRUN --mount=type=cache,target=/downloads cmake -B build && cmake --build build",
  "a mount that is no cache": `${rust}RUN --mount=type=tmpfs,${alone} --mount=type=bind,source=target,target=/x/target cargo build`,
};

for (const [name, text] of Object.entries(right)) {
  test(`R8 has nothing against ${name}`, () => {
    assert.deepEqual(shown(text, findingsOf("R8", text)), []);
  });
}

function mend(text: string): string {
  return mended(text, findingsOf("R8", text));
}

test("the id gets the architecture, and the rest stays as it is", () => {
  const declared = `${rust}ARG TARGETARCH\n`;
  assert.equal(
    mend(`${declared}RUN --mount=type=cache,${alone}/ \\\n  cargo build`),
    `${declared}RUN --mount=type=cache,${alone}/,id=/app/target-$TARGETARCH \\\n  cargo build`,
  );
  assert.equal(
    mend(`${declared}RUN --mount=type=cache,id=rust,sharing=shared,${alone} cargo build`),
    `${declared}RUN --mount=type=cache,id=rust-$TARGETARCH,sharing=shared,${alone} cargo build`,
  );
  assert.equal(
    mend(`${rust}RUN --mount=type=cache,${alone} cargo build`),
    `FROM rust AS build\nARG TARGETARCH\nWORKDIR /app\nRUN --mount=type=cache,${alone},id=/app/target-$TARGETARCH cargo build`,
  );
});

test("a flag in quotes is left to people", () => {
  const text = `${rust}RUN --mount="type=cache,${alone}" cargo build`;
  const [finding] = findingsOf("R8", text);
  assert.equal(finding?.edits, undefined);
  assert.equal(
    finding?.hint,
    "Give each architecture its own: id=/app/target-$TARGETARCH, and before it ARG TARGETARCH",
  );
});

test("what another RUN takes from the cache is left to people, unless it is mended as well", () => {
  const build = `RUN --mount=type=cache,${alone} cargo build\n`;
  const copy = `RUN --mount=type=cache,${alone} cp target/release/app /bin/app\n`;
  const [finding] = findingsOf("R8", `${rust}${build}${copy}`);
  assert.equal(finding?.edits, undefined);
  const twice = mend(`${rust}${build}${build}`);
  assert.deepEqual(twice.match(/id=\S+/g), [
    "id=/app/target-$TARGETARCH",
    "id=/app/target-$TARGETARCH",
  ]);
  assert.equal(twice.match(/ARG TARGETARCH/g)?.length, 1);
});
