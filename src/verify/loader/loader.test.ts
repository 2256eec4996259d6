import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ContainerWords,
  glibc,
  glibcProgram,
  library,
  musl,
  muslLoader,
  program,
  type TestFile,
  type TestFiles,
  testContainer,
} from "../../../test/verify/container.ts";
import type { ElfDynamic } from "../../binary/elf/elf.ts";
import { startsOf } from "../start/start.ts";
import { createLoader } from "./loader.ts";

/** Loads `/app` of an image with those files, and says what it loads or where it ends. */
function load(files: TestFiles, words: ContainerWords = {}) {
  const container = testContainer(files, words);
  const [start] = startsOf(container, { Env: [], Cmd: [], Entrypoint: ["/app"] });
  const step = start?.steps[0];
  assert.ok(step?.outcome === "running", JSON.stringify(step));
  const steps: string[] = [];
  const { objects, problems } = createLoader(container).load(step, (line) => steps.push(line));
  const [problem] = problems;
  return {
    loads: objects.slice(1).map(({ path }) => path),
    ends: problem === undefined ? undefined : `${problem.rule}: ${problem.sentence}`,
    skipped: problem?.skipped?.map(({ path, why }) => `${path}: ${why}`),
    steps,
  };
}

const libraries = "usr/lib/x86_64-linux-gnu";
const missing = (name: string) =>
  `library-missing: error while loading shared libraries: ${name}: cannot open shared object file: No such file or directory`;

function debian(app: TestFile, more: TestFiles = {}): TestFiles {
  return { ...glibc, ...more, app };
}

/** A program that needs libfoo.so.1. */
function fooProgram(dynamic: Partial<ElfDynamic> = {}) {
  return glibcProgram(["libfoo.so.1", "libc.so.6"], dynamic);
}

const foo = library("libfoo.so.1");

test("libraries come breadth first, and the loader itself where a library needs it", () => {
  const { loads, ends } = load(
    debian(glibcProgram(["liba.so", "libb.so"]), {
      [`${libraries}/liba.so`]: library("liba.so", {
        dynamic: { needed: ["libdeep.so", "libc.so.6"] },
      }),
      [`${libraries}/libb.so`]: library("libb.so", { dynamic: { needed: ["libc.so.6"] } }),
      [`${libraries}/libdeep.so`]: library("libdeep.so"),
    }),
  );
  assert.equal(ends, undefined);
  assert.deepEqual(
    loads.map((path) => path.replace(/.*\//, "")),
    ["liba.so", "libb.so", "libdeep.so", "libc.so.6", "ld-linux-x86-64.so.2"],
  );
});

test("a library that is nowhere", () => {
  assert.equal(load(debian(fooProgram())).ends, missing("libfoo.so.1"));
});

test("a library in Debian's directory is found without a cache, in another directory it is not", () => {
  assert.equal(load(debian(fooProgram(), { [`${libraries}/libfoo.so.1`]: foo })).ends, undefined);
  const local = { "usr/local/lib/libfoo.so.1": foo, "etc/ld.so.conf": "/usr/local/lib\n" };
  assert.equal(load(debian(fooProgram(), local)).ends, missing("libfoo.so.1"));
});

const withCache = (flags: number, path = "/usr/local/lib/libfoo.so.1"): TestFiles => ({
  "usr/local/lib/libfoo.so.1": foo,
  "etc/ld.so.cache": {
    content: {
      kind: "loader-cache",
      cache: { entries: [{ soname: "libfoo.so.1", path, flags }] },
    },
  },
});

test("the cache names the directory that only the configuration knew; an entry for another ABI does not count", () => {
  assert.equal(load(debian(fooProgram(), withCache(0x0303))).ends, undefined);
  assert.equal(load(debian(fooProgram(), withCache(0x0a03))).ends, missing("libfoo.so.1"));
  // Stale: the file has moved on.
  assert.equal(
    load(debian(fooProgram(), withCache(0x0303, "/old/libfoo.so.1"))).ends,
    missing("libfoo.so.1"),
  );
});

test("RUNPATH serves its own object alone, RPATH those below as well", () => {
  const deep = {
    "opt/lib/libfoo.so.1": library("libfoo.so.1", { dynamic: { needed: ["libdeep.so"] } }),
    "opt/lib/libdeep.so": library("libdeep.so"),
  };
  assert.equal(load(debian(fooProgram({ rpath: "/opt/lib" }), deep)).ends, undefined);
  assert.equal(load(debian(fooProgram({ runpath: "/opt/lib" }), deep)).ends, missing("libdeep.so"));
});

test("an object with RUNPATH forgets the RPATH of all", () => {
  const files = {
    "opt/lib/libfoo.so.1": library("libfoo.so.1", {
      dynamic: { needed: ["libdeep.so"], runpath: "/nowhere" },
    }),
    "opt/lib/libdeep.so": library("libdeep.so"),
  };
  assert.equal(load(debian(fooProgram({ rpath: "/opt/lib" }), files)).ends, missing("libdeep.so"));
});

test("LD_LIBRARY_PATH comes before RUNPATH, and not for a set-user-id program of another user", () => {
  const files = { "env/libfoo.so.1": foo, "run/libfoo.so.1": foo };
  const Env = ["LD_LIBRARY_PATH=/env"];
  const app = fooProgram({ runpath: "/run" });
  assert.equal(load(debian(app, files), { Env }).loads[0], "/env/libfoo.so.1");
  const setuid = { ...app, mode: 0o4755 };
  assert.equal(load(debian(setuid, files), { Env, User: "1000" }).loads[0], "/run/libfoo.so.1");
  assert.equal(load(debian(setuid, files), { Env }).loads[0], "/env/libfoo.so.1");
});

test("$ORIGIN is the directory of the object; a set-user-id program may use it below a trusted directory only", () => {
  const runpath = "$ORIGIN/../opt/lib";
  const files = { "opt/lib/libfoo.so.1": foo };
  assert.equal(load(debian(fooProgram({ runpath }), files)).loads[0], "/opt/lib/libfoo.so.1");
  const setuid = { ...fooProgram({ runpath }), mode: 0o4755 };
  assert.equal(load(debian(setuid, files), { User: "1000" }).ends, missing("libfoo.so.1"));
  const trusted = {
    ...fooProgram({ runpath: "$ORIGIN/usr/lib/x86_64-linux-gnu/foo" }),
    mode: 0o4755,
  };
  const inside = { [`${libraries}/foo/libfoo.so.1`]: foo };
  assert.equal(load(debian(trusted, inside), { User: "1000" }).ends, undefined);
});

test("a library of another machine is passed over, one of another class as well, and that is said", () => {
  const first = { "opt/lib/libfoo.so.1": library("libfoo.so.1", { architecture: "arm64" }) };
  const second = { [`${libraries}/libfoo.so.1`]: foo };
  const app = fooProgram({ runpath: "/opt/lib" });
  assert.equal(load(debian(app, { ...first, ...second })).ends, undefined);
  const alone = load(debian(app, first));
  assert.equal(alone.ends, missing("libfoo.so.1"));
  assert.deepEqual(alone.skipped, ["/opt/lib/libfoo.so.1: made for aarch64"]);
  const narrow = { "opt/lib/libfoo.so.1": library("libfoo.so.1", { architecture: "386" }) };
  assert.equal(
    load(debian(app, narrow)).ends,
    "library-missing: error while loading shared libraries: libfoo.so.1: wrong ELF class: ELFCLASS32",
  );
});

test("a file that is no library ends the search, though a good one comes later", () => {
  const good = { [`${libraries}/libfoo.so.1`]: foo };
  const app = fooProgram({ runpath: "/opt/lib" });
  const ends = (bad: TestFile) => load(debian(app, { ...good, "opt/lib/libfoo.so.1": bad })).ends;
  const words = "library-unusable: error while loading shared libraries: /opt/lib/libfoo.so.1:";
  assert.equal(ends({ size: 10 }), `${words} file too short`);
  assert.equal(ends({ size: 200 }), `${words} invalid ELF header`);
  assert.equal(
    ends(library("libfoo.so.1", { loadProblem: "cannot dynamically load executable" })),
    "library-unusable: error while loading shared libraries: libfoo.so.1: cannot dynamically load executable",
  );
  assert.equal(ends("-> nowhere"), undefined);
});

const needs = (name: string, isWeak = false) => ({
  versionNeeds: [{ library: "libc.so.6", versions: [{ name, isWeak }] }],
});

test("versions are compared by name; weak ones and libraries without any pass", () => {
  const ends = (dynamic: Partial<ElfDynamic>) =>
    load(debian(glibcProgram(["libc.so.6"], dynamic))).ends;
  assert.equal(ends(needs("GLIBC_2.36")), undefined);
  assert.equal(ends(needs("GLIBC_2.99", true)), undefined);
  assert.equal(
    ends(needs("GLIBC_2.38")),
    "version-missing: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /app)",
  );
  const unversioned = load(
    debian(
      fooProgram({
        versionNeeds: [{ library: "libfoo.so.1", versions: [{ name: "FOO_1", isWeak: false }] }],
      }),
      { [`${libraries}/libfoo.so.1`]: foo },
    ),
  );
  assert.equal(unversioned.ends, undefined);
});

test("a needed name with a slash is a path", () => {
  assert.equal(
    load(debian(glibcProgram(["/opt/libfoo.so.1"]), { "opt/libfoo.so.1": foo })).ends,
    undefined,
  );
  assert.equal(load(debian(glibcProgram(["/opt/libfoo.so.1"]))).ends, missing("/opt/libfoo.so.1"));
});

test("a needed name without a letter is the program itself", () => {
  assert.equal(load(debian(glibcProgram([""]))).ends, undefined);
});

test("what cannot be preloaded is passed over, what can comes first", () => {
  const Env = ["LD_PRELOAD=/nowhere.so /opt/libfoo.so.1"];
  const app = glibcProgram(["libc.so.6"]);
  const { loads, ends } = load(debian(app, { "opt/libfoo.so.1": foo }), { Env });
  assert.equal(ends, undefined);
  assert.equal(loads[0], "/opt/libfoo.so.1");
});

test("a processor that lacks what a library says it needs", () => {
  const files = { [`${libraries}/libfoo.so.1`]: library("libfoo.so.1", { x86Level: 3 }) };
  assert.equal(
    load(debian(fooProgram(), files), { cpu: "x86-64-v2" }).ends,
    "cpu-level: /lib/x86_64-linux-gnu/libfoo.so.1: CPU ISA level is lower than required",
  );
  assert.equal(load(debian(fooProgram(), files), { cpu: "x86-64-v3" }).ends, undefined);
});

test("a subdirectory for the processor comes first where the processor is known", () => {
  const files = {
    [`${libraries}/libfoo.so.1`]: foo,
    [`${libraries}/glibc-hwcaps/x86-64-v3/libfoo.so.1`]: foo,
  };
  const plain = load(debian(fooProgram(), files)).loads[0];
  assert.equal(plain, `/${libraries}/libfoo.so.1`);
  const newer = load(debian(fooProgram(), files), { cpu: "x86-64-v4" }).loads[0];
  assert.equal(newer, `/${libraries}/glibc-hwcaps/x86-64-v3/libfoo.so.1`);
});

test("each step of the walk is told", () => {
  const { steps } = load(
    debian(fooProgram({ runpath: "/opt/lib" }), { [`${libraries}/libfoo.so.1`]: foo }),
  );
  assert.deepEqual(steps.slice(0, 5), [
    "/app needs libfoo.so.1",
    "  RUNPATH of /app: /opt/lib/libfoo.so.1: not there",
    "  /etc/ld.so.cache: no entry for libfoo.so.1",
    "  default directory: /lib/x86_64-linux-gnu/libfoo.so.1: found",
    "  → /usr/lib/x86_64-linux-gnu/libfoo.so.1",
  ]);
});

function alpine(
  needed: readonly string[],
  more: TestFiles = {},
  dynamic: Partial<ElfDynamic> = {},
) {
  return {
    ...musl,
    ...more,
    app: program({ interpreter: muslLoader, dynamic: { needed, ...dynamic } }),
  };
}

test("musl is the C library under whatever name", () => {
  const { loads, ends } = load(alpine(["libc.musl-x86_64.so.1", "libpthread.so.0", "libc.so.6"]));
  assert.equal(ends, undefined);
  assert.deepEqual(loads, ["/lib/ld-musl-x86_64.so.1"]);
});

test("musl looks for no library without a name", () => {
  assert.equal(
    load(alpine([""])).ends,
    "library-missing: Error loading shared library : Invalid argument (needed by /app)",
  );
});

test("musl looks in its three directories, or in those of its path file", () => {
  assert.equal(load(alpine(["libfoo.so.1"], { "usr/local/lib/libfoo.so.1": foo })).ends, undefined);
  assert.equal(
    load(alpine(["libfoo.so.1"], { "opt/libfoo.so.1": foo })).ends,
    "library-missing: Error loading shared library libfoo.so.1: No such file or directory (needed by /app)",
  );
  const path = { "opt/libfoo.so.1": foo, "etc/ld-musl-x86_64.path": "/lib\n/opt\n" };
  assert.equal(load(alpine(["libfoo.so.1"], path)).ends, undefined);
});

test("musl inherits RUNPATH, as it does RPATH", () => {
  const deep = {
    "opt/libfoo.so.1": library("libfoo.so.1", { dynamic: { needed: ["libdeep.so"] } }),
    "opt/libdeep.so": library("libdeep.so"),
  };
  assert.equal(load(alpine(["libfoo.so.1"], deep, { runpath: "/opt" })).ends, undefined);
});

test("musl takes the first file of a name, whatever it is", () => {
  const files = { "lib/libfoo.so.1": { size: 200 }, "usr/lib/libfoo.so.1": foo };
  assert.equal(
    load(alpine(["libfoo.so.1"], files)).ends,
    "library-unusable: Error loading shared library libfoo.so.1: Exec format error (needed by /app)",
  );
});
