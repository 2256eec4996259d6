/** What lies beside a Dockerfile and tells tools for which machine to compile or to install. */
import assert from "node:assert/strict";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "../../test/directory.ts";
import { createContext } from "../context.ts";
import { parsePlatform } from "../platform/platform.ts";
import { lint } from "./lint.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);

type Files = Readonly<Record<string, string>>;

/** Each finding as `severity rule line platforms: message`; no platforms where it holds on each. */
async function found(t: TestContext, dockerfile: string, files: Files): Promise<readonly string[]> {
  const directory = await directoryWith(t, { Dockerfile: dockerfile, ...files });
  const named = [path.join(directory, "Dockerfile")];
  const { files: linted } = await lint(
    { platforms, files: named, buildkit: false },
    createContext(),
  );
  return linted.flatMap(({ findings }) =>
    findings.map(({ severity, rule, range, platforms: on, message }) => {
      const where = [severity, rule, range.line, ...on].join(" ");
      return `${where}: ${message}`;
    }),
  );
}

/** A lock file of npm that a Mac wrote, and that lacks what one of the platforms needs. */
const swc = ["darwin-arm64", "linux-x64-gnu", "linux-arm64-gnu"].map((name) => `@swc/core-${name}`);
const npmLock = (...held: readonly string[]) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: {
      "": { name: "app" },
      "node_modules/@swc/core": {
        optionalDependencies: Object.fromEntries(swc.map((name) => [name, "1"])),
      },
      ...Object.fromEntries(held.map((name) => [`node_modules/@swc/core-${name}`, {}])),
    },
  });
const lacksArm = { "package-lock.json": npmLock("darwin-arm64", "linux-x64-gnu") };
const swcSentence = (file: string) =>
  `${file} lacks what @swc/core (@swc/core-linux-arm64-gnu) needs on linux/arm64, though it has @swc/core-darwin-arm64.`;

const node = (copy: string, run = "RUN npm ci") => `FROM node:22\nWORKDIR /app\n${copy}\n${run}\n`;
const npmCases: readonly (readonly [string, string, Files, readonly string[]])[] = [
  ["by its name", node("COPY package.json package-lock.json ./"), lacksArm, ["4"]],
  ["by a pattern", node("COPY package*.json ./"), lacksArm, ["4"]],
  ["with all the rest", node("COPY . ."), lacksArm, ["4"]],
  [
    "mounted",
    node(
      "COPY src src",
      "RUN --mount=type=bind,source=package-lock.json,target=package-lock.json npm ci",
    ),
    lacksArm,
    ["4"],
  ],
  [
    "of a package among several",
    node("COPY . .", "RUN cd web && npm ci"),
    { "web/package-lock.json": lacksArm["package-lock.json"] },
    ["4"],
  ],
  [
    "in a script",
    node("COPY . .", "RUN ./install.sh # npm"),
    { ...lacksArm, "install.sh": "npm ci\n" },
    ["4"],
  ],
  [
    "in a script that another one starts",
    node("COPY . .", "RUN ./all.sh"),
    { ...lacksArm, "all.sh": "cd /app\n./install.sh\n", "install.sh": "npm ci\n" },
    ["4"],
  ],
  ["for production", node("COPY . .", "RUN npm ci --omit=dev"), lacksArm, ["4"]],
  [
    "for production, of what developers need",
    node("ENV NODE_ENV=production\nCOPY . ."),
    {
      "package-lock.json": lacksArm["package-lock.json"].replace(
        '"optionalDependencies"',
        '"dev":true,$&',
      ),
    },
    [],
  ],
  [
    "that is whole",
    node("COPY . ."),
    { "package-lock.json": npmLock("linux-x64-gnu", "linux-arm64-gnu") },
    [],
  ],
  ["that is not copied", node("COPY src ./src"), lacksArm, []],
  [
    "that is not sent",
    node("COPY . ."),
    { ...lacksArm, ".dockerignore": "package-lock.json\n" },
    [],
  ],
  ["which npm completes", node("COPY . .", "RUN npm install"), lacksArm, []],
  [
    "where another machine's packages are asked for",
    node("COPY . .", "RUN npm ci --os=darwin"),
    lacksArm,
    [],
  ],
  [
    "on the machine that builds",
    node("COPY . .").replace("FROM", "FROM --platform=$BUILDPLATFORM"),
    lacksArm,
    [],
  ],
  ["that is broken", node("COPY . ."), { "package-lock.json": "{" }, []],
  ["of a project that is built elsewhere", node("COPY . .", "RUN cd /web && npm ci"), lacksArm, []],
];
for (const [name, dockerfile, files, lines] of npmCases)
  test(`npm's lock file, ${name}`, async (t) => {
    const file = Object.keys(files).find((one) => one.endsWith("package-lock.json")) ?? "";
    const messages = (await found(t, dockerfile, files)).filter((one) => one.includes(" R7 "));
    const isScript = name.startsWith("in a script");
    assert.deepEqual(
      messages,
      lines.map(
        (line) =>
          `warning R7 ${line} linux/arm64: ${isScript ? "In install.sh:1: " : ""}${swcSentence(file)}`,
      ),
    );
  });

const uvLock = (wheel: string) => `version = 1

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "a" },
]

[[package]]
name = "a"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
wheels = [
    { url = "https://files.example.org/${wheel}", hash = "sha256:1", size = 1 },
]
`;
const gemLock = "GEM\n\nPLATFORMS\n  arm64-darwin-22\n  x86_64-linux\n\nDEPENDENCIES\n  rack\n";
const yarn = {
  ".yarnrc.yml": "supportedArchitectures:\n  cpu: [x64]\n",
  "yarn.lock": `__metadata:\n  version: 8\n\n"@swc/core-linux-x64-gnu@npm:1":\n  version: 1\n`,
};
const gems =
  "Gemfile.lock is for arm64-darwin-22 and x86_64-linux alone: frozen, as with BUNDLE_DEPLOYMENT, nothing is installed by it on linux/arm64.";

const locks: readonly (readonly [string, string, Files, readonly string[]])[] = [
  [
    "uv",
    "FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked\n",
    { "uv.lock": uvLock("a-1.0-cp313-cp313-manylinux_2_17_x86_64.whl") },
    [
      "error R7 4 linux/arm64: uv.lock has neither a wheel for linux/arm64 nor the sources of a 1.0.",
    ],
  ],
  [
    "uv that installs a part",
    "FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN uv sync --only-group docs\n",
    { "uv.lock": uvLock("a-1.0-cp313-cp313-manylinux_2_17_x86_64.whl") },
    [],
  ],
  [
    "Yarn",
    "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN yarn install --immutable\n",
    yarn,
    [
      "warning R7 4 linux/arm64: supportedArchitectures in .yarnrc.yml names neither current nor cpu arm64: on linux/arm64 the native packages are left out.",
    ],
  ],
  [
    "Bundler, frozen by a variable",
    'FROM ruby:3.4\nWORKDIR /app\nENV BUNDLE_DEPLOYMENT="1"\nCOPY Gemfile Gemfile.lock ./\nRUN bundle install\n',
    { "Gemfile.lock": gemLock },
    [`error R7 5 linux/arm64: ${gems}`],
  ],
  [
    "Bundler, frozen by its configuration",
    "FROM ruby:3.4\nWORKDIR /app\nRUN bundle config set --local frozen true\nCOPY Gemfile* ./\nRUN bundle install -j4\n",
    { "Gemfile.lock": gemLock },
    [`error R7 5 linux/arm64: ${gems}`],
  ],
  [
    "Bundler, which adds the platform",
    "FROM ruby:3.4\nWORKDIR /app\nCOPY . .\nRUN bundle install\n",
    { "Gemfile.lock": gemLock },
    [],
  ],
];
for (const [name, dockerfile, files, expected] of locks)
  test(`a lock file of ${name}`, async (t) => {
    assert.deepEqual(await found(t, dockerfile, files), expected);
  });

const rust = (lines = "") =>
  `FROM --platform=$BUILDPLATFORM rust AS build\nWORKDIR /src\nCOPY . .\n${lines}RUN cargo build --release\nFROM debian\nCOPY --from=build /src/target /app\n`;
const cargo = '[build]\ntarget = "x86_64-unknown-linux-musl"\n';
const told = "the image gets what Rust makes for amd64.";

const settings: readonly (readonly [string, string, Files, readonly string[]])[] = [
  [
    "Cargo's",
    rust(),
    { ".cargo/config.toml": cargo },
    [`error R2 4 linux/arm64: In .cargo/config.toml:2: Built for linux/arm64, ${told}`],
  ],
  [
    "Cargo's, in a table of one line, above the crate",
    rust("WORKDIR /src/crates/app\n").replace("/src/target", "/src/crates/app/target"),
    { ".cargo/config.toml": 'build = { target = "x86_64-unknown-linux-musl" }\n' },
    [`error R2 5 linux/arm64: In .cargo/config.toml:1: Built for linux/arm64, ${told}`],
  ],
  [
    "Cargo's, which name no target",
    rust(),
    {
      ".cargo/config.toml": '[build]\njobs = 2\n[target.x86_64-unknown-linux-musl]\nlinker = "x"\n',
    },
    [
      "error R4 4: Rust runs on the machine that builds and is told no other: built for linux/amd64 on linux/arm64, the image gets a program for linux/arm64.",
    ],
  ],
  [
    "Cargo's, which a variable goes before",
    rust("ARG TRIPLE\nENV CARGO_BUILD_TARGET=$TRIPLE\n"),
    { ".cargo/config.toml": cargo },
    [],
  ],
  [
    "Cargo's, which nobody knows the place of",
    rust().replace("COPY . .", "ARG TO\nCOPY . $TO"),
    { ".cargo/config.toml": cargo },
    [],
  ],
  [
    "Cargo's, several",
    rust(),
    {
      ".cargo/config.toml":
        '[build]\ntarget = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]\n',
    },
    [],
  ],
  ["Cargo's, broken", rust(), { ".cargo/config.toml": "[build\ntarget = 1" }, []],
  [
    "npm's",
    node("COPY package.json .npmrc ./", "RUN npm install"),
    { ".npmrc": "fund=false\ncpu=x64\n" },
    [
      "error R2 4 linux/arm64: In .npmrc:2: Built for linux/arm64, the image gets what npm makes for amd64.",
    ],
  ],
  [
    "npm's, of something else",
    node("COPY . .", "RUN npm install"),
    { ".npmrc": "fund=false\n" },
    [],
  ],
  [
    "npm's, which no install reads",
    node("COPY . .", "RUN npm test"),
    { ".npmrc": "cpu=x64\n" },
    [],
  ],
];
for (const [name, dockerfile, files, expected] of settings)
  test(`settings: ${name}`, async (t) => {
    assert.deepEqual(await found(t, dockerfile, files), expected);
  });

const go = (before: string) =>
  `FROM --platform=$BUILDPLATFORM golang AS build\nWORKDIR /src\nCOPY go.mod go.sum ./\nCOPY . .\nARG TARGETOS TARGETARCH\nRUN GOOS=$TARGETOS GOARCH=$TARGETARCH ${before}go build -o /app .\nFROM debian\nCOPY --from=build /app /app\n`;
const sqlite = { "go.mod": "module x\n\nrequire (\n\tgithub.com/mattn/go-sqlite3 v1.14.22\n)\n" };
const cgo: readonly (readonly [string, string, Files, readonly string[]])[] = [
  [
    "left out",
    go(""),
    sqlite,
    [
      "warning R4 6: Built for linux/amd64 on another machine, Go leaves cgo out, and go.mod has github.com/mattn/go-sqlite3, which needs it.",
    ],
  ],
  [
    "of a later version",
    go(""),
    { "go.mod": "module x\n\nrequire github.com/davidbyttow/govips/v2 v2.16.0\n" },
    [
      "warning R4 6: Built for linux/amd64 on another machine, Go leaves cgo out, and go.mod has github.com/davidbyttow/govips/v2, which needs it.",
    ],
  ],
  [
    "with the compiler of the machine that builds",
    go("CGO_ENABLED=1 "),
    {},
    [
      "warning R4 6: Built for linux/amd64 on another machine, cgo is given gcc, which compiles for the machine that it runs on.",
    ],
  ],
  ["with a compiler for the target", go("CGO_ENABLED=1 CC=$TARGETARCH-gcc "), sqlite, []],
  ["with a compiler that xx chooses", go("CGO_ENABLED=1 CC=xx-clang "), sqlite, []],
  ["switched off", go("CGO_ENABLED=0 "), sqlite, []],
  ["on the target's own machine", go("").replace("--platform=$BUILDPLATFORM ", ""), sqlite, []],
  [
    "of what others need",
    go(""),
    { "go.mod": "module x\n\nrequire github.com/mattn/go-sqlite3 v1.14.22 // indirect\n" },
    [],
  ],
  [
    "of another module",
    go(""),
    { "go.mod": "module x\n\nrequire modernc.org/sqlite v1.30.0\n" },
    [],
  ],
];
for (const [name, dockerfile, files, expected] of cgo)
  test(`cgo ${name}`, async (t) => {
    assert.deepEqual(await found(t, dockerfile, files), expected);
  });
