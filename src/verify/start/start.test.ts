import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ContainerWords,
  glibc,
  glibcProgram,
  library,
  program,
  type TestFile,
  type TestFiles,
  testContainer,
} from "../../../test/verify/container.ts";
import { startFindings } from "./findings.ts";
import { startsOf } from "./start.ts";

interface Case {
  readonly name: string;
  readonly files: TestFiles;
  readonly config: ContainerWords;
  /** Rule and sentence of each finding; none: it starts. */
  readonly finds?: readonly (readonly [rule: string, sentence: string | undefined])[];
  /** The binary that the kernel ends at. */
  readonly runs?: string;
}

const app = program();

function script(text: string) {
  const head = Buffer.from(text);
  return { size: head.length, content: { kind: "script" as const, head } };
}

const cases: readonly Case[] = [
  {
    name: "a program by its path",
    files: { app },
    config: { Entrypoint: ["/app"] },
    runs: "/app",
  },
  {
    name: "CMD alone, found by PATH, through a link",
    files: { "opt/bin/app": "-> ../app-1.0", "opt/app-1.0": app },
    config: { Cmd: ["app"], Env: ["PATH=/usr/bin:/opt/bin"] },
    runs: "/opt/app-1.0",
  },
  {
    name: "the usual PATH where the image sets none",
    files: { "usr/local/bin/app": app },
    config: { Entrypoint: ["app"] },
    runs: "/usr/local/bin/app",
  },
  {
    name: "a path from the working directory",
    files: { "srv/app": app },
    config: { Entrypoint: ["./app"], WorkingDir: "/srv" },
    runs: "/srv/app",
  },
  {
    name: "a name that PATH does not have",
    files: { app },
    config: { Entrypoint: ["app"] },
    finds: [["entrypoint-missing", 'exec: "app": executable file not found in $PATH']],
  },
  {
    name: "a path that is not there",
    files: { other: app },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-missing", 'exec: "/app": stat /app: no such file or directory']],
  },
  {
    name: "a directory",
    files: { "app/": "" },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-missing", 'exec: "/app": is a directory']],
  },
  {
    name: "links in a circle",
    files: { app: "-> b", b: "-> app" },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-missing", 'exec: "/app": stat /app: too many levels of symbolic links']],
  },
  {
    name: "a link that leads out of the root, which there is nothing beyond",
    files: { app: "-> ../../../opt/app", "opt/app": app },
    config: { Entrypoint: ["/app"] },
    runs: "/opt/app",
  },
  {
    name: "a file without its execute bit",
    files: { app: { mode: 0o644, size: 4096 } },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-permission", 'exec: "/app": permission denied']],
  },
  {
    name: "a program that others may execute: the runtime starts it for any user",
    files: { app: { ...program(), mode: 0o700 } },
    config: { Entrypoint: ["/app"], User: "1000" },
    runs: "/app",
  },
  {
    name: "a program that a shell starts, and its user may not execute",
    files: { "bin/sh": "-> dash", "bin/dash": program(), app: { ...program(), mode: 0o700 } },
    config: { Cmd: ["/bin/sh", "-c", "/app"], User: "1000" },
    finds: [["entrypoint-permission", undefined]],
  },
  {
    name: "a script that its user may execute and not read",
    files: { run: { ...script("#!/bin/sh\n"), mode: 0o711 }, "bin/sh": program() },
    config: { Entrypoint: ["/run"], User: "1000" },
    finds: [["entrypoint-permission", "Permission denied"]],
  },
  {
    name: "a script with Windows line ends and an argument",
    files: { run: "#!/bin/sh -e\r\n", "bin/sh": "-> dash", "bin/dash": program() },
    config: { Entrypoint: ["/run"] },
    finds: [["entrypoint-interpreter", "Illegal option -"]],
  },
  {
    name: "a program for another machine",
    files: { app: program({ architecture: "arm64" }) },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-machine", "exec /app: exec format error"]],
  },
  {
    name: "a 32-bit x86 program on amd64",
    files: { app: program({ architecture: "386" }) },
    config: { Entrypoint: ["/app"] },
    runs: "/app",
  },
  {
    name: "a library in place of a program",
    files: { app: program({ dynamic: { needed: ["libc.so.6"] } }) },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-format", "Segmentation fault"]],
  },
  {
    name: "a program that is cut short",
    files: { app: program({ missingBytes: 10_000 }) },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-format", "Bus error"]],
  },
  {
    name: "a script with an interpreter and an argument",
    files: { run: "#!/bin/sh -e\n", "bin/sh": app },
    config: { Entrypoint: ["/run"] },
    runs: "/bin/sh",
  },
  {
    name: "a script without its interpreter",
    files: { run: "#!/bin/bash\n" },
    config: { Entrypoint: ["/run"] },
    finds: [["entrypoint-interpreter", "exec /run: no such file or directory"]],
  },
  {
    name: "a script with Windows line ends",
    files: { run: "#!/bin/sh\r\n", "bin/sh": app },
    config: { Entrypoint: ["/run"] },
    finds: [["entrypoint-interpreter", "exec /run: no such file or directory"]],
  },
  {
    name: "a script whose interpreter is for another machine",
    files: { run: "#!/bin/sh\n", "bin/sh": program({ architecture: "arm64" }) },
    config: { Entrypoint: ["/run"] },
    finds: [["entrypoint-machine", "exec /run: exec format error"]],
  },
  {
    name: "an empty file",
    files: { app: { mode: 0o755 } },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-format", "exec /app: exec format error"]],
  },
  {
    name: "a text without a #! line",
    files: { app: { mode: 0o755, size: 9, content: { kind: "other", head: Buffer.from("echo") } } },
    config: { Entrypoint: ["/app"] },
    finds: [["entrypoint-format", "exec /app: exec format error"]],
  },
  {
    name: "a program whose loader is not there",
    files: { app: glibcProgram(["libc.so.6"]) },
    config: { Entrypoint: ["/app"] },
    finds: [["loader-missing", "exec /app: no such file or directory"]],
  },
  {
    name: "a program whose loader is for another machine",
    files: {
      app: glibcProgram([]),
      "lib64/ld-linux-x86-64.so.2": {
        ...library("ld", { architecture: "arm64" }),
        mode: 0o755,
      },
    },
    config: { Entrypoint: ["/app"] },
    finds: [["loader-unusable", "exec /app: accessing a corrupted shared library"]],
  },
  {
    name: "a program whose loader is of another class",
    files: {
      app: glibcProgram([]),
      "lib64/ld-linux-x86-64.so.2": { ...library("ld", { architecture: "386" }), mode: 0o755 },
    },
    config: { Entrypoint: ["/app"] },
    finds: [["loader-unusable", "exec /app: accessing a corrupted shared library"]],
  },
  {
    name: "a shell's line: the program behind it is looked at as well",
    files: { ...glibc, "bin/sh": "-> dash", "bin/dash": glibcProgram([]), app },
    config: { Cmd: ["/bin/sh", "-c", "exec /app --port $PORT"] },
    runs: "/app",
  },
  {
    name: "a shell's line whose program is not there",
    files: { "bin/sh": "-> dash", "bin/dash": app },
    config: { Cmd: ["/bin/sh", "-c", "app"] },
    finds: [["entrypoint-missing", "app: not found"]],
  },
  {
    name: "env finds the interpreter of a script",
    files: { run: "#!/usr/bin/env python3\n", "usr/bin/env": app, "usr/bin/python3": app },
    config: { Entrypoint: ["/run"] },
    runs: "/usr/bin/python3",
  },
  {
    name: "env does not find the interpreter of a script",
    files: { run: "#!/usr/bin/env python3\n", "usr/bin/env": app },
    config: { Entrypoint: ["/run"] },
    finds: [["entrypoint-missing", "'python3': No such file or directory"]],
  },
  {
    name: "an init and its program for another machine",
    files: { "sbin/tini": app, app: program({ architecture: "arm64" }) },
    config: { Entrypoint: ["/sbin/tini", "--"], Cmd: ["/app"] },
    finds: [["entrypoint-machine", "Exec format error"]],
  },
  {
    name: "a script that is given the command: what is no program of it stays an argument",
    files: { run: "#!/bin/sh\n", "bin/sh": app, "data/": "" },
    config: { Entrypoint: ["/run"], Cmd: ["/data"] },
    runs: "/bin/sh",
  },
  {
    name: "a script that is given a program for another machine",
    files: { run: "#!/bin/sh\n", "bin/sh": app, server: program({ architecture: "arm64" }) },
    config: { Entrypoint: ["/run"], Cmd: ["/server"] },
    finds: [["entrypoint-machine", "Exec format error"]],
  },
];

for (const { name, files, config, finds = [], runs } of cases) {
  const outcome = finds.map(([rule]) => rule).join(", ") || `runs ${runs}`;
  test(`${name}: ${outcome}`, () => {
    const container = testContainer(files, config);
    const [start] = startsOf(container, { Env: [], Entrypoint: [], Cmd: [], ...config });
    assert.ok(start);
    const findings = startFindings(start, []);
    assert.deepEqual(
      findings.map(({ rule, prediction }) => [rule, prediction]),
      finds,
    );
    assert.ok(findings.every(({ fix, severity }) => fix !== undefined && severity === "error"));
    if (runs === undefined) return;
    const last = start.steps.at(-1);
    assert.equal(last?.outcome === "running" ? last.located.path : last?.outcome, runs);
  });
}

const chain = (length: number): TestFiles =>
  Object.fromEntries<TestFile>([
    ...Array.from({ length }, (_, n): [string, TestFile] => [`s${n}`, `#!/s${n + 1}\n`]),
    [`s${length}`, program()],
  ]);

function chained(length: number) {
  const config = { Env: [], Entrypoint: ["/s0"], Cmd: [] };
  return startsOf(testContainer(chain(length)), config)[0]?.steps[0];
}

test("the kernel follows five interpreters, and no sixth", () => {
  assert.equal(chained(5)?.outcome, "running");
  const refused = chained(6);
  assert.equal(
    refused?.outcome === "refused" ? refused.errno : refused?.outcome,
    "too many levels of symbolic links",
  );
});

function stepOf(words: Parameters<typeof program>[0]) {
  const config = { Env: [], Entrypoint: ["/app"], Cmd: [] };
  return startsOf(testContainer({ app: program(words) }), config)[0]?.steps[0];
}

test("a program that needs libraries and names no loader is a library, or may be one", () => {
  const dynamic = { needed: ["libc.so.6"] };
  assert.equal(stepOf({ dynamic })?.outcome, "refused");
  const doubtful = [
    { dynamic: { ...dynamic, isPie: true } },
    { type: "executable" as const, dynamic },
  ];
  for (const words of doubtful) {
    const step = stepOf(words);
    assert.deepEqual(step?.outcome === "running" ? step.unproven : step?.outcome, [
      "/app needs libraries, and names no loader that would load them.",
    ]);
  }
});

/** What a program comes to whose loader is that one. */
function startedBy(words: Parameters<typeof program>[0]) {
  const files = { app: glibcProgram([]), "lib64/ld-linux-x86-64.so.2": program(words) };
  const config = { Env: [], Entrypoint: ["/app"], Cmd: [] };
  const step = startsOf(testContainer(files), config)[0]?.steps[0];
  return step?.outcome === "undecided" ? step.why.replace(/^.*so.2, /, "") : step?.outcome;
}

test("what comes of a loader that says something odd of itself is not decided: the kernel does not look", () => {
  const loader = { architecture: "amd64", type: "shared", dynamic: {} } as const;
  assert.equal(startedBy(loader), "running");
  const otherClass =
    "whose header names another class or byte order, of which the kernel takes no notice.";
  assert.equal(startedBy({ ...loader, bits: 32 }), otherClass);
  assert.equal(startedBy({ ...loader, machine: 0x3e00, littleEndian: false }), otherClass);
  assert.equal(
    startedBy({ ...loader, type: "relocatable" }),
    "which is neither a program nor a shared object.",
  );
  const { dynamic: _, ...without } = loader;
  assert.equal(startedBy(without), "which has no dynamic section.");
});

test("a program without dynamic section whose entry is not in its code may be a library", () => {
  const step = stepOf({ type: "shared", lacksEntry: true });
  assert.deepEqual(step?.outcome === "running" ? step.unproven : step?.outcome, [
    "/app may be a library: its entry is not in its code.",
  ]);
});

test("what a packed program unpacks to is not known", () => {
  const step = stepOf({ packer: "UPX" });
  assert.deepEqual(step?.outcome === "running" ? step.unproven : step?.outcome, [
    "/app is packed by UPX: which loader and libraries the program in it needs is not known.",
  ]);
});

test("a health check is started as the program is", () => {
  const files = { app: program(), check: program({ architecture: "arm64" }) };
  const findings = (Test: readonly string[]) => {
    const config = { Env: [], Entrypoint: ["/app"], Cmd: [], Healthcheck: { Test: [...Test] } };
    const [, health] = startsOf(testContainer(files, config), config);
    assert.ok(health);
    return startFindings(health, []).map(({ rule, severity }) => `${severity}[${rule}]`);
  };
  assert.deepEqual(findings(["CMD", "/nothing"]), ["error[entrypoint-missing]"]);
  assert.deepEqual(findings(["CMD", "/check"]), ["error[entrypoint-machine]"]);
});
