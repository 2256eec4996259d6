import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSilent, foundBy } from "../../../test/lint/findings.ts";

const go = (lines: string, from = "FROM golang AS build") =>
  `${from}\nWORKDIR /src\nCOPY . .\n${lines}\nFROM scratch\nCOPY --from=build /app /app\n`;
const rust = (lines: string) =>
  `FROM rust AS build\nWORKDIR /src\nCOPY . .\n${lines}\nFROM debian\nCOPY --from=build /src/target/x86_64-unknown-linux-musl/release/app /app\n`;
const builders = "FROM --platform=$BUILDPLATFORM golang AS build";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "before the compiler",
    go("RUN CGO_ENABLED=0 GOARCH=amd64 go build -o /app ."),
    ["GOARCH=amd64 on linux/arm64"],
  ],
  [
    "the target's, in an image that R3 speaks of",
    go("ARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app .", builders).replace(
      "FROM scratch",
      "FROM --platform=$BUILDPLATFORM debian",
    ),
    [],
  ],
  [
    "in ENV",
    go("ENV GOOS=linux GOARCH=arm64\nRUN go build -o /app ."),
    ["GOARCH=arm64 on linux/amd64"],
  ],
  [
    "exported",
    go("RUN export GOARCH=amd64 && go build -o /app ."),
    ["GOARCH=amd64 on linux/arm64"],
  ],
  [
    "by env",
    go("RUN env GOOS=linux GOARCH=amd64 go build -o /app ./cmd/x"),
    ["GOARCH=amd64 on linux/arm64"],
  ],
  [
    "the default of an ARG",
    go("ARG ARCH=amd64\nRUN GOARCH=$ARCH go build -o /app ."),
    ["GOARCH=$ARCH on linux/arm64"],
  ],
  [
    "on the machine that builds",
    go("RUN GOARCH=amd64 go build -o /app .", builders),
    ["GOARCH=amd64 on linux/arm64"],
  ],
  [
    "in a heredoc",
    go("RUN <<E\nset -e\nGOARCH=amd64 go build -o /app .\nE"),
    ["GOARCH=amd64 on linux/arm64"],
  ],
  [
    "copied within the stage",
    go("RUN GOARCH=amd64 go build -o x . && mv x /app"),
    ["GOARCH=amd64 on linux/arm64"],
  ],
  [
    "a branch that is gone on both",
    go('RUN if [ "$TARGETOS" != plan9 ]; then GOARCH=amd64 go build -o /app .; fi').replace(
      "WORKDIR",
      "ARG TARGETOS\nWORKDIR",
    ),
    ["GOARCH=amd64 on linux/arm64"],
  ],
  [
    "Rust by a flag",
    rust("RUN cargo build --release --target x86_64-unknown-linux-musl"),
    ["x86_64-unknown-linux-musl on linux/arm64"],
  ],
  [
    "Rust by a variable",
    rust("ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl\nRUN cargo build --release"),
    ["CARGO_BUILD_TARGET=x86_64-unknown-linux-musl on linux/arm64"],
  ],
  [
    "a cross compiler by its name",
    "FROM debian AS build\nRUN x86_64-linux-gnu-gcc -o /app app.c\nFROM debian\nCOPY --from=build /app /app\n",
    ["x86_64-linux-gnu-gcc on linux/arm64"],
  ],
  [
    "clang",
    "FROM debian\nRUN clang --target=aarch64-linux-gnu -o /app app.c\n",
    ["aarch64-linux-gnu on linux/amd64"],
  ],
  [
    "configure",
    "FROM debian\nRUN ./configure --host=x86_64-linux-gnu && make install\n",
    ["x86_64-linux-gnu on linux/arm64"],
  ],
  [
    ".NET",
    "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /src\nRUN dotnet publish -c Release -r linux-x64 -o /app\nFROM debian\nCOPY --from=build /app /app\n",
    ["linux-x64 on linux/arm64"],
  ],
  ["npm", "FROM node\nWORKDIR /app\nRUN npm ci --cpu=x64 --os=linux\n", ["x64 on linux/arm64"]],
  [
    "pip",
    "FROM python\nRUN pip install --platform manylinux2014_x86_64 --only-binary=:all: --target /deps numpy\n",
    ["manylinux2014_x86_64 on linux/arm64"],
  ],
  [
    "Zig",
    "FROM alpine AS build\nWORKDIR /src\nRUN zig build -Dtarget=x86_64-linux-musl\nFROM scratch\nCOPY --from=build /src/zig-out/bin/app /app\n",
    ["x86_64-linux-musl on linux/arm64"],
  ],
  [
    "Deno",
    "FROM denoland/deno AS build\nRUN deno compile --target x86_64-unknown-linux-gnu --output /app main.ts\nFROM debian\nCOPY --from=build /app /app\n",
    ["x86_64-unknown-linux-gnu on linux/arm64"],
  ],
];
for (const [name, text, expected] of cases) {
  test(`R2 ${name}`, () => {
    assert.deepEqual(foundBy("R2", text), expected);
  });
}

const silent: Readonly<Record<string, string>> = {
  "the target's": go("ARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app .", builders),
  "what is not known": go("ARG ARCH\nRUN GOARCH=$ARCH go build -o /app ."),
  "each architecture in turn": go(
    "RUN for a in amd64 arm64; do GOARCH=$a go build -o /out/$a . ; done\nARG TARGETARCH\nRUN cp /out/$TARGETARCH /app",
    builders,
  ),
  "one branch an architecture": go(
    'ARG TARGETARCH\nRUN case "$TARGETARCH" in amd64) export GOARCH=amd64 GOAMD64=v2 ;; arm64) export GOARCH=arm64 ;; esac; go build -o /app .',
    builders,
  ),
  "a tool that stays in its stage": go(
    "RUN GOARCH=amd64 go build -o /usr/local/bin/gen ./gen\nARG TARGETARCH\nRUN gen && GOARCH=$TARGETARCH go build -o /app .",
    builders,
  ),
  WebAssembly:
    "FROM rust AS build\nWORKDIR /src\nRUN cargo build --target wasm32-unknown-unknown\nFROM nginx\nCOPY --from=build /src/target /srv\n",
  "Go for JavaScript": go("RUN GOOS=js GOARCH=wasm go build -o /app .", builders),
  "a compiler that is asked for its version": "FROM debian\nRUN x86_64-linux-gnu-gcc --version\n",
  "what may not be reached":
    "FROM golang\nRUN ./has-amd64 && GOARCH=amd64 go build -o /a . || true\nRUN which x && GOARCH=amd64 go build -o /a .\n".replace(
      "./has-amd64",
      "grep -q x /y",
    ),
};
for (const [name, text] of Object.entries(silent)) {
  test(`R2 is silent: ${name}`, () => assertSilent(text));
}
