import assert from "node:assert/strict";
import { test } from "node:test";
import type { Artefact, ArtefactKind, Proof } from "../../build-context/artefact.ts";
import type { NativeFormat } from "../../build-context/native.ts";
import { parseIgnoreFile } from "../../dockerfile/ignore.ts";
import { parsePlatform } from "../../platform/platform.ts";
import type { LintContext } from "../context.ts";
import { inspectDockerfile, type LintFinding } from "../inspect.ts";
import { r10 } from "./r10.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);

interface Beside {
  /** The text of .dockerignore. */
  readonly ignore?: string;
  readonly files?: readonly string[];
  readonly artefacts?: readonly Artefact[];
}

function contextOf({ ignore = "", files = [], artefacts = [] }: Beside): LintContext {
  const ignoreFile = { path: ".dockerignore", patterns: parseIgnoreFile(ignore) };
  return { ignoreFile, artefacts, files: new Set(files) };
}

function findings(text: string, beside: Beside): readonly LintFinding[] {
  return inspectDockerfile(text, { platforms, context: contextOf(beside) }).filter(
    ({ rule }) => rule === "R10",
  );
}

/** Each as `error 5:6-5:7 node_modules on linux/arm64`: the place, and the directory that the hint leaves out. */
function found(text: string, beside: Beside): readonly string[] {
  return findings(text, beside).map(({ severity, range, hint, platforms: on }) => {
    const place = `${range.line}:${range.column}-${range.endLine}:${range.endColumn}`;
    const lines = hint.replace(/^Add to \.dockerignore: /, "");
    return `${severity} ${place} ${lines}${on.length === 0 ? "" : ` on ${on.join(", ")}`}`;
  });
}

/** One with a file in it that was made on a machine of that kind. */
function artefact(
  kind: ArtefactKind,
  path: string,
  file: string,
  format: NativeFormat | "x86_64" = "mach-o",
): Artefact {
  const isLinux = format === "x86_64";
  const proof: Proof = {
    path: `${path}/${file}`,
    description: isLinux ? "an ELF file for x86_64" : "a Mach-O file of macOS for arm64",
    format: isLinux ? "elf" : format,
    unfit: isLinux ? platforms.slice(1) : platforms,
  };
  return { kind, path, kept: [], proof };
}

const addon = "bcrypt/lib/bcrypt_lib.node";
const packages = artefact("node", "node_modules", addon);
const linuxPackages = artefact("node", "node_modules", addon, "x86_64");
const environment = artefact("python", ".venv", "lib/python3.13/site-packages/a/_a.so");
const gems = artefact("ruby", "vendor/bundle", "ruby/3.4.0/gems/bcrypt-3.1/lib/bcrypt_ext.bundle");
const compiled = artefact("rust", "target", "release/app");
const npm = { files: ["package.json", "package-lock.json"] };
const installed = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\n";

const cases: readonly (readonly [string, string, Beside, readonly string[]])[] = [
  [
    "packages of a Mac, in the context now",
    `${installed}COPY . .\nCMD ["node", "a.js"]\n`,
    { ...npm, artefacts: [packages] },
    ["error 5:6-5:7 **/node_modules"],
  ],
  [
    "packages for one platform of Linux break the other",
    `${installed}COPY --chown=node:node . /app/\n`,
    { ...npm, artefacts: [linuxPackages] },
    ["error 5:24-5:25 **/node_modules on linux/arm64"],
  ],
  [
    "what was installed in a directory that cd leads to",
    "FROM node:22\nWORKDIR /app\nCOPY package*.json ./web/\nRUN cd web && npm ci\nCOPY . .\n",
    { files: ["web/package.json"] },
    ["warning 5:6-5:7 **/node_modules"],
  ],
  [
    "packages that npm install takes for its own",
    "FROM node:22\nWORKDIR /app\nCOPY ./ ./\nRUN npm install --omit=dev\n",
    { ...npm, artefacts: [packages] },
    ["error 3:6-3:8 **/node_modules"],
  ],
  [
    "packages in a directory that ADD takes, in the exec form",
    'FROM debian\nADD ["web", "/srv/web"]\nENTRYPOINT ["/usr/bin/node", "/srv/web"]\n',
    { artefacts: [artefact("node", "web/node_modules", addon)] },
    ["error 2:6-2:11 **/node_modules"],
  ],
  [
    "packages by name, behind a variable",
    "FROM node:22\nARG DEPENDENCIES=node_modules\nCOPY $DEPENDENCIES /app/node_modules\n",
    { artefacts: [packages] },
    ["error 3:6-3:19 **/node_modules"],
  ],
  [
    "packages in an image that starts none of them",
    "FROM nginx\nCOPY . /usr/share/nginx/html\n",
    { artefacts: [packages] },
    ["warning 2:6-2:7 **/node_modules"],
  ],
  [
    "packages of a Mac in a stage that runs on the builder",
    "FROM --platform=$BUILDPLATFORM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM nginx\nCOPY --from=build /app/dist /srv\n",
    { artefacts: [packages] },
    ["warning 3:6-3:7 **/node_modules"],
  ],
  [
    "packages that make may put right",
    `${installed}COPY . .\nRUN make\n`,
    { artefacts: [packages] },
    ["warning 5:6-5:7 **/node_modules"],
  ],
  [
    "what npm ci installed, and developers' machines have as well",
    `${installed}COPY . .\n`,
    npm,
    ["warning 5:6-5:7 **/node_modules"],
  ],
  [
    "what pnpm installed, in a stage that is built upon",
    "FROM node:22 AS packages\nWORKDIR /srv/web\nCOPY web/package.json .\nRUN corepack enable && pnpm install --frozen-lockfile\nFROM packages\nCOPY web .\n",
    { files: ["web/package.json"] },
    ["warning 6:6-6:9 **/node_modules"],
  ],
  [
    "what another stage installed",
    "FROM node:22 AS packages\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nFROM node:22\nWORKDIR /app\nCOPY --from=packages /app/node_modules ./node_modules\nCOPY . .\n",
    npm,
    ["warning 8:6-8:7 **/node_modules"],
  ],
  [
    "a pattern that leaves out another directory",
    `${installed}COPY . .\n`,
    { ...npm, ignore: "web/node_modules\ndist\n" },
    ["warning 5:6-5:7 **/node_modules"],
  ],
  [
    "a virtual environment over uv's own",
    "FROM python:3.13\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --locked\nCOPY . .\n",
    { files: ["pyproject.toml", "uv.lock"] },
    ["warning 5:6-5:7 .venv"],
  ],
  [
    "a virtual environment where uv installs into the system",
    "FROM python:3.13\nWORKDIR /app\nRUN uv pip install --system flask\nCOPY . .\nCMD python app.py\n",
    { artefacts: [environment] },
    ["warning 4:6-4:7 .venv"],
  ],
  [
    "a virtual environment whose programs are on the path",
    'FROM python:3.13\nWORKDIR /app\nENV PATH="/app/.venv/bin:$PATH"\nCOPY . .\n',
    { artefacts: [environment] },
    ["error 4:6-4:7 .venv"],
  ],
  [
    "a virtual environment that only lies there",
    "FROM python:3.13\nWORKDIR /app\nRUN pip install flask\nCOPY . .\nCMD python app.py\n",
    { artefacts: [environment] },
    ["warning 4:6-4:7 .venv"],
  ],
  [
    "a virtual environment beside the one that is started",
    'FROM python:3.13\nWORKDIR /app\nRUN python -m venv /opt/.venv\nENV PATH="/opt/.venv/bin:$PATH"\nCOPY . .\n',
    { artefacts: [environment] },
    ["warning 5:6-5:7 .venv"],
  ],
  [
    "a virtual environment whose program is started by its path",
    'FROM python:3.13\nWORKDIR /app\nCOPY . .\nCMD [".venv/bin/gunicorn", "app"]\n',
    { artefacts: [environment] },
    ["error 3:6-3:7 .venv"],
  ],
  [
    "gems that bundler does not look for there",
    'FROM ruby:3.4\nWORKDIR /app\nCOPY Gemfile* ./\nRUN bundle install\nCOPY . .\nCMD ["bundle", "exec", "puma"]\n',
    { artefacts: [gems] },
    ["warning 5:6-5:7 vendor/bundle"],
  ],
  [
    "gems",
    "FROM ruby:3.4\nWORKDIR /app\nENV BUNDLE_PATH=vendor/bundle\nCOPY Gemfile* ./\nRUN bundle install\nCOPY . .\n",
    { artefacts: [gems] },
    ["error 6:6-6:7 vendor/bundle"],
  ],
  [
    "what cargo compiled",
    "FROM debian\nCOPY target/release /opt/app\nCMD /opt/app/app\n",
    { artefacts: [compiled] },
    ["warning 2:6-2:20 target"],
  ],
  [
    "two of them are one finding",
    "FROM node:22\nWORKDIR /app\nCOPY . .\n",
    { artefacts: [environment, packages] },
    ["error 3:6-3:7 .venv  **/node_modules"],
  ],
];

for (const [title, text, beside, expected] of cases)
  test(`R10 finds ${title}`, () => assert.deepEqual(found(text, beside), expected));

const silent: readonly (readonly [string, string, Beside])[] = [
  ["an ignore file leaves it out", `${installed}COPY . .\n`, { ...npm, ignore: "node_modules" }],
  [
    "an ignore file leaves it out at any depth",
    "FROM node:22\nWORKDIR /app\nCOPY web/package.json .\nRUN npm ci\nCOPY web .\n",
    { files: ["web/package.json"], ignore: "**/node_modules/" },
  ],
  [
    "an ignore file lets the sources in alone",
    `${installed}COPY . .\n`,
    { ...npm, ignore: "*\n!src" },
  ],
  ["--exclude leaves it out", `${installed}COPY --exclude=node_modules . .\n`, npm],
  [
    "the sources are copied alone",
    `${installed}COPY src ./src\n`,
    { artefacts: [packages], ...npm },
  ],
  ["a file is copied", `${installed}COPY server.js ./\n`, { artefacts: [packages], ...npm }],
  [
    "it is installed behind the COPY, anew",
    "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    { ...npm, artefacts: [packages] },
  ],
  [
    "it is taken away",
    `${installed}COPY . .\nRUN rm -rf node_modules && npm install\n`,
    { ...npm, artefacts: [packages] },
  ],
  [
    "another stage's is copied over it",
    `${installed}FROM node:22\nWORKDIR /app\nCOPY . .\nCOPY --from=0 /app/node_modules ./node_modules\n`,
    { ...npm, artefacts: [packages] },
  ],
  [
    "a stage that is built upon it installs anew",
    "FROM node:22 AS base\nWORKDIR /app\nCOPY . .\nFROM base\nRUN npm ci\n",
    { artefacts: [packages] },
  ],
  [
    "it is installed elsewhere",
    "FROM node:22\nWORKDIR /deps\nCOPY package.json .\nRUN npm ci\nWORKDIR /app\nCOPY . .\n",
    npm,
  ],
  [
    "nothing was installed before, and nothing is there",
    "FROM node:22\nWORKDIR /app\nCOPY . .\n",
    npm,
  ],
  [
    "a tool is installed, and no project",
    "FROM node:22\nWORKDIR /app\nRUN npm install -g pm2\nCOPY . .\n",
    npm,
  ],
  ["the context is another project's", `${installed}COPY . .\n`, { files: ["pyproject.toml"] }],
  [
    "yarn keeps no node_modules",
    "FROM node:22\nWORKDIR /app\nCOPY package.json yarn.lock .yarnrc.yml ./\nRUN yarn install --immutable\nCOPY . .\n",
    { files: ["package.json", ".yarnrc.yml", ".pnp.cjs"] },
  ],
  [
    "an install that may not be reached",
    "FROM node:22\nWORKDIR /app\nCOPY package.json .\nRUN if [ -f yarn.lock ]; then yarn; fi\nCOPY . .\n",
    npm,
  ],
  [
    "packages without a program",
    "FROM node:22\nWORKDIR /app\nCOPY . .\n",
    { artefacts: [{ kind: "node", path: "node_modules", kept: [] }] },
  ],
  [
    "packages for the machine that perhaps builds",
    "FROM --platform=$BUILDPLATFORM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM nginx\nCOPY --from=build /app/dist /srv\n",
    { artefacts: [linuxPackages] },
  ],
  [
    "pip installs into the system",
    "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
    { files: ["pyproject.toml"] },
  ],
  [
    "uv's environment is elsewhere",
    "FROM python:3.13\nWORKDIR /app\nENV UV_PROJECT_ENVIRONMENT=/opt/venv\nCOPY uv.lock pyproject.toml ./\nRUN uv sync\nCOPY . .\n",
    { files: ["uv.lock", "pyproject.toml"] },
  ],
  [
    "an environment in a place of its own",
    "FROM python:3.13\nWORKDIR /app\nRUN python -m venv /opt/venv\nCOPY . .\n",
    { files: ["uv.lock"] },
  ],
  [
    "cargo compiles it anew",
    "FROM rust\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\n",
    { artefacts: [compiled] },
  ],
  [
    "the official image keeps gems elsewhere",
    "FROM ruby:3.4\nWORKDIR /app\nCOPY Gemfile* ./\nRUN bundle install\nCOPY . .\n",
    { files: ["Gemfile"] },
  ],
  [
    "a program that was compiled for the platform is copied by its name",
    "FROM debian\nCOPY target/x86_64-unknown-linux-musl/release/app /app\n",
    { artefacts: [compiled] },
  ],
  [
    "nothing of the stage is started or kept",
    "FROM alpine AS files\nCOPY . /all\nFROM nginx\nCOPY --from=files /all/conf.d /etc/nginx/conf.d\n",
    { artefacts: [packages] },
  ],
  [
    "a stage is copied from",
    `${installed}FROM node:22\nCOPY --from=0 /app /app\n`,
    { ...npm, artefacts: [packages] },
  ],
];

for (const [title, text, beside] of silent)
  test(`R10 is silent where ${title}`, () => assert.deepEqual(found(text, beside), []));

test("R10 says nothing where the context is not known", () => {
  const rules = inspectDockerfile(`${installed}COPY . .\n`, { platforms }).map(({ rule }) => rule);
  assert.deepEqual(rules, []);
});

test("R10 names the directory, the program, what was there before, and what the loader says", () => {
  const text = `${installed}COPY . .\n`;
  const [own] = findings(text, { ...npm, artefacts: [linuxPackages] });
  assert.equal(
    own?.message,
    "Built for linux/arm64, the image gets this machine's node_modules in place of what npm ci put there: node_modules/bcrypt/lib/bcrypt_lib.node is an ELF file for x86_64.",
  );
  assert.equal(
    own?.failure,
    "Error: /app/node_modules/bcrypt/lib/bcrypt_lib.node: cannot open shared object file: No such file or directory",
  );
  const [ofMac] = findings(text, { ...npm, artefacts: [packages] });
  assert.equal(
    ofMac?.failure,
    "Error: /app/node_modules/bcrypt/lib/bcrypt_lib.node: invalid ELF header",
  );
  const [likely] = findings(text, npm);
  assert.equal(
    likely?.message,
    "Built for linux/amd64, the image gets the context's node_modules in place of what npm ci put there for linux/amd64, wherever the context has one.",
  );
});

test("R10's page speaks of what it finds", () => {
  const { bad, good, context } = r10;
  const [onBad, onGood] = [bad, good].map((text) =>
    inspectDockerfile(text, { platforms, ...(context && { context }) }).map(({ rule }) => rule),
  );
  assert.deepEqual([onBad, onGood], [["R10"], []]);
});
