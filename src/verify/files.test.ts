import assert from "node:assert/strict";
import { test } from "node:test";
import {
  elfContent,
  glibc,
  glibcProgram,
  library,
  program,
  type TestFile,
  testContainer,
} from "../../test/verify/container.ts";
import type { TestFiles } from "../../test/verify/container.ts";
import { checkFiles } from "./files.ts";
import { createLoader } from "./loader/loader.ts";
import { startsOf } from "./start/start.ts";

/** What is found in an image with those files that starts that program. */
function checked(files: TestFiles, starts?: string, reached: readonly string[] = []) {
  const container = testContainer(files);
  const config = { Env: [], Cmd: [], Entrypoint: starts === undefined ? [] : [starts] };
  const steps = startsOf(container, config).flatMap((start) => start.steps);
  return checkFiles(container, {
    reached: new Set(reached),
    origins: [],
    loader: createLoader(container),
    started: steps.filter((step) => step.outcome === "running"),
  });
}

const foreign = library("libx.so", { architecture: "arm64" });
const mac: TestFile = { content: { kind: "mach-o", architectures: ["arm64"] } };

interface Case {
  readonly path: string;
  readonly file: TestFile;
  /** Nothing: it is meant to be there. */
  readonly finds?: string;
  /** An interpreter that the image starts. */
  readonly starts?: string;
}

const cases: readonly Case[] = [
  { path: "opt/app/lib/libx.so", file: foreign, finds: "warning[file-machine]" },
  { path: "opt/app/lib/libx.so", file: library("libx.so") },
  { path: "opt/app/bin/tool", file: mac, finds: "warning[file-machine]" },
  { path: "usr/aarch64-linux-gnu/lib/libc.so.6", file: foreign },
  { path: "usr/lib/firmware/some.elf", file: foreign },
  { path: "src/app/testdata/hello-arm64", file: foreign },
  { path: "usr/lib/debug/x.debug", file: foreign },
  { path: "app/node_modules/x/prebuilds/linux-arm64/x.node", file: foreign },
  { path: "app/node_modules/x/prebuilds/darwin-arm64/x.node", file: mac },
  { path: "app/node_modules/@esbuild/linux-arm64/bin/esbuild", file: foreign },
  {
    path: "app/node_modules/@esbuild/linux-arm64/bin/esbuild",
    file: program(),
    finds: "warning[path-machine]",
  },
  {
    path: "app/node_modules/x/prebuilds/linux-x64/x.node",
    file: foreign,
    finds: "warning[module-machine]",
  },
  {
    path: "app/node_modules/x/build/Release/x.node",
    file: foreign,
    starts: "/usr/bin/node",
    finds: "error[module-machine]",
  },
  {
    path: "app/node_modules/x/build/Release/x.node",
    file: mac,
    starts: "/usr/bin/node",
    finds: "error[module-machine]",
  },
  {
    path: "usr/lib/python3/dist-packages/x/_x.abi3.so",
    file: foreign,
    starts: "/usr/bin/python3.11",
    finds: "error[module-machine]",
  },
  { path: "opt/cuda/kernel.cubin", file: { content: elfContent({ machine: 190 }) } },
  {
    path: "opt/x.o",
    file: { content: elfContent({ architecture: "arm64", type: "relocatable" }) },
  },
  {
    path: "usr/lib/python3/dist-packages/pip/_vendor/distlib/t64.exe",
    file: { content: { kind: "pe", architecture: "amd64" } },
  },
];

for (const { path, file, finds, starts } of cases) {
  const [what] = typeof file === "string" ? [file] : [file.content?.kind];
  test(`${path} (${what}${starts === undefined ? "" : `, ${starts}`}): ${finds ?? "as it should be"}`, () => {
    const interpreter = starts === undefined ? {} : { [starts.slice(1)]: glibcProgram([]) };
    const reached = starts === undefined ? [] : [starts];
    const found = checked({ ...glibc, ...interpreter, [path]: file }, starts, reached).findings;
    assert.deepEqual(
      found.map(({ rule, severity }) => `${severity}[${rule}]`),
      finds === undefined ? [] : [finds],
    );
  });
}

test("what was judged already is not judged again", () => {
  const found = checked({ "opt/lib/libx.so": foreign }, undefined, ["/opt/lib/libx.so"]);
  assert.deepEqual(found.findings, []);
});

test("the files of one directory are one finding", () => {
  const files = Object.fromEntries([1, 2, 3].map((n) => [`opt/lib/lib${n}.so`, foreign] as const));
  const [finding, ...more] = checked(files).findings;
  assert.equal(more.length, 0);
  assert.match(
    finding?.message ?? "",
    /\/opt\/lib\/lib1\.so and 2 more beside it are made for aarch64/,
  );
});

test("a module that fits and lacks a library is told, and leaves the proof open; of the standard library it is told alone", () => {
  const module = library("_x.so", { dynamic: { needed: ["libtk.so"] } });
  const python = { ...glibc, "usr/bin/python3.11": glibcProgram([]) };
  const inPackage = { ...python, "usr/lib/python3/dist-packages/_x.abi3.so": module };
  const { findings, unproven } = checked(inPackage, "/usr/bin/python3.11");
  assert.deepEqual(
    findings.map(({ rule, severity, prediction }) => [rule, severity, prediction]),
    [
      [
        "library-missing",
        "warning",
        "ImportError: libtk.so: cannot open shared object file: No such file or directory",
      ],
    ],
  );
  assert.match(unproven[0] ?? "", /_x\.abi3\.so cannot be loaded, because of libtk\.so/);
  const ofLibrary = { ...python, "usr/lib/python3.11/lib-dynload/_tkinter.so": module };
  const second = checked(ofLibrary, "/usr/bin/python3.11");
  assert.deepEqual([second.findings.length, second.unproven.length], [1, 0]);
});

function member(path: string, architecture: "amd64" | "arm64") {
  return { path, content: elfContent({ architecture }) } as const;
}

function jar(members: readonly ReturnType<typeof member>[]): TestFile {
  return { content: { kind: "archive", members } };
}

function rulesOf(file: TestFile): readonly string[] {
  return checked({ "app/zstd.jar": file }).findings.map(({ rule }) => rule);
}

test("a Python module that is there for another platform alone is told, and leaves the proof open", () => {
  const python = { ...glibc, "usr/bin/python3.11": glibcProgram([]) };
  const packages = "usr/lib/python3/dist-packages/yaml";
  const other = { [`${packages}/_yaml.cpython-311-aarch64-linux-gnu.so`]: foreign };
  const { findings, unproven } = checked({ ...python, ...other }, "/usr/bin/python3.11");
  assert.deepEqual(
    findings.map(({ rule, severity }) => `${severity}[${rule}]`),
    ["warning[module-machine]"],
  );
  assert.equal(unproven.length, 1);
  const own = { [`${packages}/_yaml.cpython-311-x86_64-linux-gnu.so`]: library("_yaml.so") };
  const both = checked({ ...python, ...other, ...own }, "/usr/bin/python3.11");
  assert.deepEqual([both.findings, both.unproven], [[], []]);
});

test("a jar with native libraries for others only is told, one with the platform's is not", () => {
  const arm = member("linux/aarch64/libzstd.so", "arm64");
  assert.deepEqual(rulesOf(jar([arm])), ["archive-platform"]);
  assert.deepEqual(rulesOf(jar([arm, member("linux/amd64/libzstd.so", "amd64")])), []);
  assert.deepEqual(rulesOf(jar([arm, member("linux/amd64/libzstd.so", "arm64")])), [
    "archive-platform",
  ]);
  assert.deepEqual(rulesOf(jar([])), []);
});
