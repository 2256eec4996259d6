import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSilent, foundBy } from "../../../test/lint/findings.ts";

const stage = (image: string, lines: string, copied = "/app") =>
  `FROM --platform=$BUILDPLATFORM ${image} AS build\nWORKDIR /src\nCOPY . .\n${lines}\nFROM debian\nCOPY --from=build ${copied} /app\n`;

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ["Go", stage("golang", "RUN CGO_ENABLED=0 go build -o /app ."), ["go"]],
  [
    "Go for Linux, and no architecture",
    stage("golang", "RUN GOOS=linux go build -o /app ."),
    ["go"],
  ],
  ["go install", stage("golang", "RUN go install ./cmd/app", "/go/bin/app"), ["go"]],
  ["Rust", stage("rust", "RUN cargo build --release", "/src/target/release/app"), ["cargo"]],
  [
    "Rust with its target directory elsewhere",
    stage("rust", "ENV CARGO_TARGET_DIR=/out\nRUN cargo build --release", "/out/release/app"),
    ["cargo"],
  ],
  [
    "cargo install",
    stage("rust", "RUN cargo install --path . --root /usr/local", "/usr/local/bin/app"),
    ["cargo"],
  ],
  [
    "Rust, copied within the RUN",
    stage(
      "rust",
      "RUN --mount=type=cache,target=/src/target,id=t-$TARGETARCH cargo build --release && cp target/release/app /app",
    ).replace("WORKDIR", "ARG TARGETARCH\nWORKDIR"),
    ["cargo"],
  ],
  ["C", stage("gcc", "RUN gcc -O2 -static -o /app app.c"), ["gcc"]],
  ["C++", stage("gcc", "RUN g++ -o app app.cc", "/src/app"), ["g++"]],
  ["Zig", stage("alpine", "RUN zig build -Doptimize=ReleaseFast", "/src/zig-out/bin/app"), ["zig"]],
  ["Deno", stage("denoland/deno", "RUN deno compile --output /app main.ts"), ["deno"]],
  ["Bun", stage("oven/bun", "RUN bun build --compile --outfile=/app main.ts"), ["bun"]],
  ["GraalVM", stage("graalvm", "RUN native-image -o /app -jar app.jar"), ["native-image"]],
  [
    "a WORKDIR that a variable names",
    stage("golang", "ENV APP=/app\nWORKDIR $APP\nRUN go build -o bin/x .", "/app/bin/x"),
    ["go"],
  ],
  [
    "a COPY that variables name, of the file and of before the first FROM",
    `ARG OUT=/out\n${stage("golang", "RUN go build -o /out/app .", "$OUT/app").replace("FROM debian", "FROM debian\nARG OUT")}`,
    ["go"],
  ],
  [
    "a stage between, whose directories variables name",
    "FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build -o /out/app .\nFROM alpine AS pack\nENV TO=/pack\nWORKDIR $TO\nCOPY --from=build /out ./bin\nFROM debian\nCOPY --from=pack /pack/bin/app /app\n",
    ["go"],
  ],
  ["behind a cd", stage("golang", "RUN cd cmd/x && go build -o x .", "/src/cmd/x/x"), ["go"]],
  [
    "in a subshell, whose cd ends with it",
    stage("golang", "RUN (cd tools && make) && go build -o x .", "/src/x"),
    ["go"],
  ],
  [
    "a stage upon it",
    "FROM --platform=$BUILDPLATFORM golang AS base\nFROM base AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
    ["go"],
  ],
];
for (const [name, text, expected] of cases) {
  test(`R4 ${name}`, () => {
    assert.deepEqual(foundBy("R4", text), expected);
  });
}

const silent: Readonly<Record<string, string>> = {
  "a stage of the target's": stage("golang", "RUN go build -o /app .").replace(
    "--platform=$BUILDPLATFORM ",
    "",
  ),
  "told what to compile for": stage(
    "golang",
    "ARG TARGETOS TARGETARCH\nRUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .",
  ),
  "a tool beside it": stage(
    "golang",
    "RUN go install github.com/a-h/templ/cmd/templ@v0.2.1\nARG TARGETARCH\nRUN templ generate && GOARCH=$TARGETARCH go build -o /app .",
  ),
  "a generator whose output is copied": stage(
    "golang",
    "RUN go build -o gen ./gen && ./gen > /site/index.html",
    "/site",
  ),
  "what is the same on every machine": stage("node", "RUN npm ci && npm run build", "/src/dist"),
  "wrappers of xx": stage(
    "golang",
    "COPY --from=xx / /\nARG TARGETPLATFORM\nRUN xx-go build -o /app .",
  ).replace(
    "FROM --platform",
    "FROM --platform=$BUILDPLATFORM tonistiigi/xx AS xx\nFROM --platform",
  ),
  "xx around go": stage(
    "golang",
    "COPY --from=xx / /\nARG TARGETPLATFORM\nRUN xx-go --wrap && go build -o /app .",
  ).replace(
    "FROM --platform",
    "FROM --platform=$BUILDPLATFORM tonistiigi/xx AS xx\nFROM --platform",
  ),
  "cargo's own configuration": stage(
    "rust",
    "ARG TARGETARCH\nRUN mkdir .cargo && ./triple.sh > .cargo/config.toml\nRUN cargo build --release",
    "/src/target",
  ),
  "a portable .NET program": stage(
    "mcr.microsoft.com/dotnet/sdk:8.0",
    "RUN dotnet publish -c Release -o /app",
  ),
  "a COPY of another place, by a variable": stage(
    "golang",
    "RUN go build -o /out/app .",
    "$OUT/app",
  ).replace("FROM debian", "FROM debian\nENV OUT=/other"),
  "a stage between that puts it elsewhere":
    "FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build -o /out/app .\nFROM alpine AS pack\nENV TO=/pack\nCOPY --from=build /out $TO/bin\nFROM debian\nCOPY --from=pack /etc/conf /conf\n",
  "a directory that nobody knows": stage(
    "golang",
    "RUN cd $(mktemp -d) && go build -o x .",
    "/src/x",
  ),
  "a directory that a subshell leads to": stage(
    "golang",
    "RUN (cd tools && go build -o x .)",
    "/src/x",
  ),
  "a tool that another stage mounts":
    "FROM --platform=$BUILDPLATFORM golang AS tools\nRUN go build -o /gen .\nFROM --platform=$BUILDPLATFORM node AS web\nRUN --mount=from=tools,source=/gen,target=/gen /gen > /site/index.html\nFROM nginx\nCOPY --from=web /site /site\n",
  "a tool that another stage copies to where nobody knows":
    "FROM --platform=$BUILDPLATFORM golang AS tools\nRUN go build -o /gen .\nFROM --platform=$BUILDPLATFORM example.org/web AS web\nCOPY --from=tools /gen .\nRUN ./gen > /site/index.html\nFROM nginx\nCOPY --from=web /site /site\n",
  "a tool beside what the image mounts":
    "FROM --platform=$BUILDPLATFORM golang AS site\nRUN go build -o /gen . && /gen > /site/index.html\nFROM nginx\nRUN --mount=from=site,source=/site,target=/m cp -r /m /site\n",
  "objects that nobody takes": stage(
    "gcc",
    "RUN gcc -o /tmp/check check.c && /tmp/check\nRUN echo > /app",
  ),
};
for (const [name, text] of Object.entries(silent)) {
  test(`R4 is silent: ${name}`, () => assertSilent(text));
}
