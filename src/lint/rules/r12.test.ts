import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSilent, foundBy } from "../../../test/lint/findings.ts";

const stage = (image: string, lines: string, copied = "/app") =>
  `FROM --platform=$BUILDPLATFORM ${image} AS build\nWORKDIR /src\n${lines}\nFROM debian\nCOPY --from=build ${copied} /app\n`;

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "GOARCH by dpkg",
    stage("golang", "RUN GOARCH=$(dpkg --print-architecture) go build -o /app ."),
    ["GOARCH=$(dpkg --print-architecture)"],
  ],
  [
    "GOARCH by go env",
    stage("golang", "RUN export GOARCH=$(go env GOARCH); go build -o /app ."),
    ["GOARCH=$(go env GOARCH)"],
  ],
  [
    "a triple by uname",
    stage(
      "rust",
      "RUN cargo build --release --target $(uname -m)-unknown-linux-musl",
      "/src/target",
    ),
    ["$(uname -m)-unknown-linux-musl"],
  ],
  [
    "through a variable and sed",
    stage(
      "golang",
      "RUN a=$(uname -m | sed 's/x86_64/amd64/;s/aarch64/arm64/') && GOARCH=$a go build -o /app .",
    ),
    ["GOARCH=$a"],
  ],
  [
    "through a case",
    stage(
      "golang",
      'RUN case "$(uname -m)" in x86_64) a=amd64 ;; aarch64) a=arm64 ;; esac; GOARCH=$a go build -o /app .',
    ),
    [],
  ],
  [
    "a download",
    stage("alpine", "RUN wget -O /app https://example.org/t-$(uname -m)"),
    ["$(uname -m)"],
  ],
  [
    "a download that is unpacked",
    stage(
      "debian",
      "RUN curl -L https://example.org/t-$(dpkg --print-architecture).tgz | tar xz -C /app",
    ),
    ["$(dpkg --print-architecture)"],
  ],
  [
    "a compiler by its name",
    stage("debian", "RUN $(uname -m)-linux-gnu-gcc -o /app app.c"),
    ["$(uname -m)-linux-gnu-gcc"],
  ],
  [
    "apk's question",
    stage("alpine", "RUN arch=$(apk --print-arch); wget -O /app https://example.org/t-${arch}"),
    ["${arch}"],
  ],
];
for (const [name, text, expected] of cases) {
  test(`R12 ${name}`, () => {
    assert.deepEqual(foundBy("R12", text), expected);
  });
}

const silent: Readonly<Record<string, string>> = {
  "a tool for the machine that builds": stage(
    "golang",
    "RUN curl -L https://example.org/gen-$(uname -m) -o /usr/local/bin/gen && chmod +x /usr/local/bin/gen\nARG TARGETARCH\nRUN gen && GOARCH=$TARGETARCH go build -o /app .",
  ),
  "a stage of the target's": stage(
    "debian",
    "RUN curl -o /app https://example.org/t-$(uname -m)",
  ).replace("--platform=$BUILDPLATFORM ", ""),
  "only shown": stage("debian", "RUN uname -m && echo x > /app"),
};
for (const [name, text] of Object.entries(silent)) {
  test(`R12 is silent: ${name}`, () => assertSilent(text));
}
