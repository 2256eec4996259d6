import assert from "node:assert/strict";
import { test } from "node:test";
import {
  elfContent,
  library,
  program,
  type TestFile,
  testContainer,
} from "../../test/verify/container.ts";
import { fileFindings } from "./files.ts";

const foreign = library("libx.so", { architecture: "arm64" });
const mac: TestFile = { content: { kind: "mach-o", architectures: ["arm64"] } };

interface Case {
  readonly path: string;
  readonly file: TestFile;
  /** Nothing: it is meant to be there. */
  readonly finds?: string;
  readonly programs?: readonly string[];
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
    programs: ["/usr/bin/node"],
    finds: "error[module-machine]",
  },
  {
    path: "app/node_modules/x/build/Release/x.node",
    file: mac,
    programs: ["/usr/bin/node"],
    finds: "error[module-machine]",
  },
  {
    path: "usr/lib/python3/dist-packages/x/_x.abi3.so",
    file: foreign,
    programs: ["/usr/bin/python3.11"],
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

for (const { path, file, finds, programs = [] } of cases) {
  const [what] = typeof file === "string" ? [file] : [file.content?.kind];
  test(`${path} (${what}${programs.join()}): ${finds ?? "as it should be"}`, () => {
    const container = testContainer({ [path]: file });
    const found = fileFindings(container, { reached: new Set(), origins: [], programs });
    assert.deepEqual(
      found.map(({ rule, severity }) => `${severity}[${rule}]`),
      finds === undefined ? [] : [finds],
    );
  });
}

test("what was judged already is not judged again", () => {
  const container = testContainer({ "opt/lib/libx.so": foreign });
  const reached = new Set(["/opt/lib/libx.so"]);
  assert.deepEqual(fileFindings(container, { reached, origins: [], programs: [] }), []);
});

test("the files of one directory are one finding", () => {
  const files = Object.fromEntries([1, 2, 3].map((n) => [`opt/lib/lib${n}.so`, foreign] as const));
  const [finding, ...more] = fileFindings(testContainer(files), {
    reached: new Set(),
    origins: [],
    programs: [],
  });
  assert.equal(more.length, 0);
  assert.match(
    finding?.message ?? "",
    /\/opt\/lib\/lib1\.so and 2 more beside it are made for aarch64/,
  );
});

function member(path: string, architecture: "amd64" | "arm64") {
  return { path, content: elfContent({ architecture }) } as const;
}

function jar(members: readonly ReturnType<typeof member>[]): TestFile {
  return { content: { kind: "archive", members } };
}

function rulesOf(file: TestFile): readonly string[] {
  const container = testContainer({ "app/zstd.jar": file });
  const options = { reached: new Set<string>(), origins: [], programs: [] };
  return fileFindings(container, options).map(({ rule }) => rule);
}

test("a jar with native libraries for others only is told, one with the platform's is not", () => {
  const arm = member("linux/aarch64/libzstd.so", "arm64");
  assert.deepEqual(rulesOf(jar([arm])), ["archive-platform"]);
  assert.deepEqual(rulesOf(jar([arm, member("linux/amd64/libzstd.so", "amd64")])), []);
  assert.deepEqual(rulesOf(jar([arm, member("linux/amd64/libzstd.so", "arm64")])), [
    "archive-platform",
  ]);
  assert.deepEqual(rulesOf(jar([])), []);
});
