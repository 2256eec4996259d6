import assert from "node:assert/strict";
import { test } from "node:test";
import { assertReadOrRefused } from "../../../test/damaged-lock-file.ts";
import { parsePlatform } from "../../platform/platform.ts";
import type { LockReader } from "./lock.ts";
import { readPoetryLock, readRequirements, readUvLock } from "./python.ts";

const readers: Readonly<Record<string, LockReader>> = {
  "uv.lock": readUvLock,
  "poetry.lock": readPoetryLock,
  "requirements.txt": readRequirements,
};

function warnings(path: string, text: string) {
  const platforms = [parsePlatform("linux/amd64")];
  const problems = readers[path]?.({ path, text }, platforms) ?? [];
  return problems.map(({ detail }) => detail);
}

const wheels = {
  any: "a-1.0-py3-none-any.whl",
  intel: "a-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
  arm: "a-1.0-cp312-cp312-musllinux_1_2_aarch64.whl",
  mac: "a-1.0-cp312-cp312-macosx_11_0_arm64.whl",
};
const uv = (names: readonly string[], { marker = "", sdist = false } = {}) => `version = 1
revision = 3
requires-python = ">=3.12"

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "b"${marker} },
]

[package.dev-dependencies]
dev = [
    { name = "c" },
]

[package.metadata]
requires-dist = [{ name = "b" }]

[[package]]
name = "b"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "a" },
]
sdist = { url = "https://files.example.org/b-2.0.tar.gz", hash = "sha256:1", size = 1 }

[[package]]
name = "a"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
${sdist ? 'sdist = { url = "https://files.example.org/a-1.0.tar.gz", hash = "sha256:1" }\n' : ""}wheels = [
${names.map((name) => `    { url = "https://files.example.org/${name}", hash = "sha256:1", size = 1 },\n`).join("")}]

[[package]]
name = "c"
version = "3.0"
source = { registry = "https://pypi.org/simple" }
wheels = [
    { url = "https://files.example.org/c-3.0-cp312-cp312-win_amd64.whl", hash = "sha256:1" },
]
`;
const poetry = (names: readonly string[], { marker = "", sdist = false } = {}) => `[[package]]
name = "a"
version = "1.0"
description = ""
optional = false
python-versions = ">=3.9"
${marker === "" ? "" : `markers = "sys_platform == \\"darwin\\""\n`}files = [
${[...names, ...(sdist ? ["a-1.0.tar.gz"] : [])].map((name) => `    {file = "${name}", hash = "sha256:1"},\n`).join("")}]

[[package]]
name = "b"
version = "2.0"
files = [
    {file = "b-2.0-py3-none-any.whl", hash = "sha256:2"},
]

[package.dependencies]
a = ">=1.0"
c = {version = "*", markers = "sys_platform == \\"win32\\""}

[package.extras]
tests = ["pytest"]

[[package]]
name = "c"
version = "3.0"
files = [
    {file = "c-3.0-cp312-cp312-win_amd64.whl", hash = "sha256:3"},
]

[metadata]
lock-version = "2.1"
`;
const darwin = { marker: ", marker = \"sys_platform == 'darwin'\"" };

for (const [name, write] of [
  ["uv.lock", uv],
  ["poetry.lock", poetry],
] as const) {
  const lacks = [`${name} has neither a wheel for linux/amd64 nor the sources of a 1.0.`];
  test(`${name} needs a wheel for the platform, or the sources`, () => {
    assert.deepEqual(warnings(name, write([wheels.mac, wheels.arm])), lacks);
    assert.deepEqual(warnings(name, write([wheels.mac])), lacks);
    assert.deepEqual(warnings(name, write([wheels.mac, wheels.intel])), []);
    assert.deepEqual(warnings(name, write([wheels.any])), []);
    assert.deepEqual(warnings(name, write([wheels.mac], { sdist: true })), []);
    assert.deepEqual(warnings(name, write([])), []);
  });
  test(`${name}: what is needed on another platform only may lack it`, () => {
    assert.deepEqual(warnings(name, write([wheels.mac], darwin)), []);
  });
}

/** Lines of requirements.txt, and the wheel that is wrong. */
const requirements: readonly (readonly [string, string | undefined])[] = [
  ["a==1.0 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n", undefined],
  [`a @ https://files.example.org/${wheels.mac}#sha256=1`, wheels.mac],
  [`./wheels/${wheels.arm}`, wheels.arm],
  [`${wheels.intel}\n${wheels.any}\n`, undefined],
  [`# ${wheels.mac}\nb==2 # ${wheels.mac}\n`, undefined],
  [`a @ file:///${wheels.mac} ; sys_platform == "darwin"`, undefined],
  [`a @ file:///${wheels.mac} ; python_version >= "3.12"`, wheels.mac],
];

for (const [text, wrong] of requirements)
  test(`requirements.txt with ${JSON.stringify(text)}`, () => {
    const detail = `requirements.txt names wheels that linux/amd64 does not take: ${wrong}.`;
    assert.deepEqual(warnings("requirements.txt", text), wrong === undefined ? [] : [detail]);
  });

const texts = [
  ["uv.lock", uv([wheels.mac])],
  ["poetry.lock", poetry([wheels.mac])],
  ["requirements.txt", wheels.mac],
] as const;

test("a damaged lock file is read, or refused with a reason", () => {
  assertReadOrRefused(texts, ['"', "\n", "= [\n", "]\n", "[[package]]\n", "-.whl"], warnings);
});
