import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { elfFile, type ElfFileOptions } from "../../test/elf/elf-file.ts";
import { imageOf, type TestFiles, type TestPlatform } from "../../test/image/image.ts";
import { createContext } from "../context.ts";
import { isFailure } from "../errors.ts";
import { storedSubject } from "../image/subject.ts";
import { parsePlatform } from "../platform/platform.ts";
import { openStore } from "../store/store.ts";
import { parseCpuLevel } from "./cpu.ts";
import { verify, type VerifyOptions } from "./verify.ts";

const [amd64, arm64] = [elfFile(), elfFile({ architecture: "arm64" })];

/** Verifies an image that stands in a store of the test's own. */
async function verified(
  context: TestContext,
  platforms: readonly TestPlatform[],
  options: Omit<VerifyOptions, "subject"> = {},
) {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  context.after(async () => await rm(directory, { recursive: true }));
  const { root, blobs } = await imageOf(platforms);
  const store = await openStore(path.join(directory, "store"));
  for (const bytes of blobs.values()) await store.write("any", bytes);
  const env = { XDG_CACHE_HOME: directory };
  return await verify(
    { subject: storedSubject(store.directory, root), ...options },
    createContext({ env }),
  );
}

interface Case {
  readonly name: string;
  readonly files: TestFiles;
  readonly config: Readonly<Record<string, unknown>>;
  /** The rules that found something, and what the start will print. */
  readonly finds: readonly string[];
  readonly prediction?: string;
}

const cases: readonly Case[] = [
  {
    name: "a program for the machine",
    files: { app: { content: amd64 } },
    config: { Entrypoint: ["/app"] },
    finds: [],
  },
  {
    name: "a program for another machine",
    files: { app: { content: arm64 } },
    config: { Entrypoint: ["/app"] },
    finds: ["entrypoint-machine"],
    prediction: "exec /app: exec format error",
  },
  {
    name: "CMD alone, found by PATH",
    files: { "opt/bin/app": { content: arm64 } },
    config: { Cmd: ["app"], Env: ["PATH=/usr/bin:/opt/bin"] },
    finds: ["entrypoint-machine"],
    prediction: "exec /opt/bin/app: exec format error",
  },
  {
    name: "the usual PATH where none is set",
    files: { "usr/local/bin/app": { content: amd64 } },
    config: { Entrypoint: ["app"] },
    finds: [],
  },
  {
    name: "a program that is not there",
    files: { other: "" },
    config: { Entrypoint: ["app"] },
    finds: ["entrypoint-missing"],
    prediction: 'exec: "app": executable file not found in $PATH',
  },
  {
    name: "a path that is not there",
    files: { other: "" },
    config: { Entrypoint: ["/app"] },
    finds: ["entrypoint-missing"],
    prediction: 'exec: "/app": stat /app: no such file or directory',
  },
  {
    name: "a path from the working directory",
    files: { "srv/app": { content: amd64 } },
    config: { Entrypoint: ["./app"], WorkingDir: "/srv" },
    finds: [],
  },
  {
    name: "a file that may not be executed",
    files: { app: { content: amd64, mode: 0o644 } },
    config: { Entrypoint: ["/app"] },
    finds: ["entrypoint-permission"],
    prediction: 'exec: "/app": permission denied',
  },
  {
    name: "a script, its interpreter for another machine",
    files: { run: "#!/bin/sh\n", "bin/sh": { content: arm64 } },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-machine"],
    prediction: "exec /run: exec format error",
  },
  {
    name: "a script without its interpreter",
    files: { run: "#!/bin/bash\n" },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-interpreter"],
    prediction: "exec /run: no such file or directory",
  },
  {
    name: "a script with Windows line ends",
    files: { run: "#!/bin/sh\r\n", "bin/sh": { content: amd64 } },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-interpreter"],
    prediction: "exec /run: no such file or directory",
  },
  {
    name: "a text without a #! line",
    files: { run: "echo hello\n" },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-format"],
    prediction: "exec /run: exec format error",
  },
  {
    name: "an empty program",
    files: { run: "" },
    config: { Entrypoint: ["/run"] },
    finds: ["entrypoint-format"],
    prediction: "exec /run: exec format error",
  },
];

for (const { name, files, config, finds, prediction } of cases) {
  test(`${name}: ${finds.join(", ") || "nothing is found"}`, async (context) => {
    const { verdict, platforms } = await verified(context, [{ layers: [files], config }]);
    const findings = platforms[0]?.findings ?? [];
    assert.deepEqual(
      findings.map(({ rule }) => rule),
      finds,
    );
    assert.equal(findings[0]?.prediction, prediction);
    assert.equal(verdict, finds.length === 0 ? "proven" : "refuted");
    assert.ok(findings.every(({ fix }) => fix !== undefined));
  });
}

const healthy = { layers: [{ app: { content: amd64 } }], config: { Entrypoint: ["/app"] } };

test("an image that names no program is unproven", async (context) => {
  const { platforms } = await verified(context, [{ layers: [{ app: "" }] }]);
  assert.match(platforms[0]?.unproven[0] ?? "", /names no program/);
});

test("a label other than the one asked for is refuted", async (context) => {
  const expected = { architecture: "arm64", os: "linux" };
  const { verdict, platforms } = await verified(context, [healthy], { expected });
  assert.equal(verdict, "refuted");
  const [finding] = platforms[0]?.findings ?? [];
  assert.equal(finding?.rule, "label");
  assert.equal(finding?.message, "The image is labelled linux/amd64, not linux/arm64.");
});

test("each platform is checked, and one that is refuted refutes the image", async (context) => {
  const wrong = { ...healthy, architecture: "arm64" };
  const { verdict, platforms } = await verified(context, [healthy, wrong]);
  assert.equal(verdict, "refuted");
  assert.deepEqual(
    platforms.map((one) => [one.platform, one.verdict]),
    [
      ["linux/amd64", "proven"],
      ["linux/arm64", "refuted"],
    ],
  );
});

test("a platform that the image does not have is IMAGE_PLATFORM_MISSING", async (context) => {
  const both = [healthy, { ...healthy, architecture: "arm64" }];
  const options = { platforms: [parsePlatform("linux/s390x")] };
  await assert.rejects(verified(context, both, options), (error) =>
    isFailure(error, "IMAGE_PLATFORM_MISSING"),
  );
});

test("an index that lists a manifest for another platform than its config says is refuted", async (context) => {
  const { platforms } = await verified(context, [
    { ...healthy, listed: { os: "linux", architecture: "arm64" } },
  ]);
  assert.deepEqual(
    platforms[0]?.findings.map(({ rule }) => rule),
    ["index-platform"],
  );
});

test("a config whose DiffIDs are not the layers' is refuted", async (context) => {
  const other = `sha256:${"0".repeat(64)}`;
  const wrong = await verified(context, [{ ...healthy, diffIds: [other] }]);
  assert.deepEqual(
    wrong.platforms[0]?.findings.map(({ rule }) => rule),
    ["layer-diff-id"],
  );
  const fewer = await verified(context, [{ ...healthy, diffIds: [] }]);
  assert.deepEqual(
    fewer.platforms[0]?.findings.map(({ rule }) => rule),
    ["layer-count"],
  );
});

test("a platform of another system is unproven, not refuted", async (context) => {
  const windows = { ...healthy, os: "windows" };
  const { platforms } = await verified(context, [windows]);
  assert.deepEqual(
    platforms.map((one) => [one.platform, one.verdict]),
    [["windows/amd64", "unproven"]],
  );
});

/** glibc as far as a loader looks at it, under the names of Debian. */
const loader = "/lib64/ld-linux-x86-64.so.2";
const libraries = "lib64";
const glibc: TestFiles = {
  [loader.slice(1)]: { content: elfFile({ soname: "ld-linux-x86-64.so.2" }) },
  [`${libraries}/libc.so.6`]: {
    content: elfFile({
      soname: "libc.so.6",
      versionDefinitions: ["GLIBC_2.2.5", "GLIBC_2.33"],
      exports: ["puts@@GLIBC_2.2.5"],
    }),
  },
};

function glibcProgram(options: ElfFileOptions = {}) {
  return { content: elfFile({ interpreter: loader, needed: ["libc.so.6"], ...options }) };
}

const config = { Entrypoint: ["/app"] };

test("a program with its loader, library, version and symbol is proven", async (context) => {
  const app = glibcProgram({ imports: ["puts@GLIBC_2.2.5"] });
  const { verdict, platforms } = await verified(context, [{ layers: [{ ...glibc, app }], config }]);
  assert.deepEqual(platforms[0]?.findings, []);
  assert.deepEqual([verdict, platforms[0]?.program], ["proven", "/app"]);
});

test("each refutation says the sentence, the layer and the instruction that made it", async (context) => {
  const app = glibcProgram({ needed: ["libssl.so.3", "libc.so.6"] });
  const history = [
    { created_by: "RUN /bin/sh -c apt-get install libc6 # buildkit" },
    { created_by: "ENV A=1", empty_layer: true },
    { created_by: "COPY app /app # buildkit" },
  ];
  const { platforms } = await verified(context, [{ layers: [glibc, { app }], config, history }]);
  const [finding] = platforms[0]?.findings ?? [];
  assert.equal(finding?.rule, "library-missing");
  assert.equal(
    finding?.prediction,
    "error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory",
  );
  assert.equal(finding?.instruction, "COPY app /app");
  assert.match(finding?.layer ?? "", /^sha256:/);
});

test("a symbol that is defined nowhere ends the start, unless it is looked up only when called", async (context) => {
  const rulesOf = async (options: ElfFileOptions) => {
    const app = glibcProgram({ imports: ["nothing"], ...options });
    const { platforms } = await verified(context, [{ layers: [{ ...glibc, app }], config }]);
    const [one] = platforms;
    return [one?.verdict, one?.findings.map(({ rule, severity }) => `${severity}[${rule}]`)];
  };
  assert.deepEqual(await rulesOf({ bindNow: true }), ["refuted", ["error[symbol-missing]"]]);
  assert.deepEqual(await rulesOf({}), ["unproven", ["warning[symbol-missing]"]]);
});

test("a library that ends within its last page leaves open what happens, and is named once", async (context) => {
  const short = { content: elfFile({ soname: "libshort.so", missingBytes: 100 }) };
  const app = glibcProgram({ needed: ["libshort.so", "libc.so.6"] });
  const layers = [{ ...glibc, [`${libraries}/libshort.so`]: short, app }];
  const starts = { Entrypoint: ["/app"], Healthcheck: { Test: ["CMD", "/app"] } };
  const { platforms } = await verified(context, [{ layers, config: starts }]);
  assert.deepEqual(platforms[0]?.findings, []);
  assert.deepEqual(platforms[0]?.unproven, ["/lib64/libshort.so is cut short by 100 bytes."]);
});

test("a processor level is compared with the one that was named, and open where none was", async (context) => {
  const app = glibcProgram({ x86Needed: 4 });
  const layers = [{ ...glibc, app }];
  const verdictFor = async (cpu?: string) => {
    const level = cpu === undefined ? {} : { cpu: parseCpuLevel(cpu) };
    return (await verified(context, [{ layers, config }], level)).platforms[0];
  };
  assert.match((await verdictFor())?.unproven[0] ?? "", /x86-64-v3/);
  assert.deepEqual(
    (await verdictFor("x86-64-v2"))?.findings.map(({ prediction }) => prediction),
    ["/app: CPU ISA level is lower than required"],
  );
  const silent = await verdictFor("x86-64-v3");
  assert.deepEqual(silent?.findings, []);
  // The library has no note, and no note is not "fine".
  assert.match(silent?.unproven[0] ?? "", /libc\.so\.6 does not say/);
});

test("an executable on PATH for another machine refutes, though nothing starts it", async (context) => {
  const layers = [{ app: { content: amd64 }, "usr/bin/helper": { content: arm64 } }];
  const { platforms } = await verified(context, [{ layers, config }]);
  assert.deepEqual(
    platforms[0]?.findings.map(({ rule, prediction }) => [rule, prediction]),
    [["program-machine", "exec /usr/bin/helper: exec format error"]],
  );
});

test("the same program in two platforms of an index is told at both", async (context) => {
  const app = { content: elfFile({ buildId: "ab".repeat(20) }) };
  const one = { layers: [{ app }], config };
  const { platforms } = await verified(context, [one, { ...one, architecture: "arm64" }]);
  assert.deepEqual(
    platforms.map(({ findings }) => findings.map(({ rule }) => rule)),
    [["copied-program"], ["entrypoint-machine", "copied-program"]],
  );
});

function waiver(until: string) {
  const one = { rule: "program-machine", path: "/usr/bin/*", reason: "for devices", until };
  return { waivers: [one] };
}

test("a waiver takes a finding out of the verdict, and is shown", async (context) => {
  const layers = [{ app: { content: amd64 }, "usr/bin/helper": { content: arm64 } }];
  const { verdict, platforms } = await verified(
    context,
    [{ layers, config }],
    waiver("2999-12-31"),
  );
  assert.equal(verdict, "proven");
  assert.deepEqual(
    platforms[0]?.waived.map(({ rule, waived }) => [rule, waived.reason]),
    [["program-machine", "for devices"]],
  );
  const again = await verified(context, [{ layers, config }], waiver("2020-01-01"));
  assert.equal(again.verdict, "refuted");
  assert.deepEqual(
    again.findings.map(({ rule }) => rule),
    ["waiver-expired"],
  );
});

test("one program is explained step by step; one that is not there is PROGRAM_MISSING", async (context) => {
  const app = glibcProgram();
  const layers = [{ ...glibc, app }];
  const { explanations } = await verified(context, [{ layers, config }], { explain: "/app" });
  const [explanation] = explanations;
  assert.equal(explanation?.program, "/app");
  assert.deepEqual(explanation?.steps.slice(1, 4), [
    "/app is an ELF program, 64-bit x86_64",
    "The kernel starts its loader /lib64/ld-linux-x86-64.so.2 (/lib64/ld-linux-x86-64.so.2)",
    "/app needs libc.so.6",
  ]);
  assert.equal(explanation?.steps.at(-1), "It loads.");
  await assert.rejects(verified(context, [{ layers, config }], { explain: "/nothing" }), (error) =>
    isFailure(error, "PROGRAM_MISSING"),
  );
});

test("what is explained and not decided is said to be so", async (context) => {
  const app = { content: elfFile({ missingBytes: 100 }) };
  const { explanations } = await verified(context, [{ layers: [{ app }] }], { explain: "/app" });
  assert.deepEqual(explanations[0]?.steps.slice(-2), [
    "/app is cut short by 100 bytes.",
    "Whether it loads is not decided.",
  ]);
});

test("an image whose user is not in it is refuted by runc's own words", async (context) => {
  const named = { ...config, User: "app" };
  const { platforms } = await verified(context, [
    { layers: [{ app: { content: amd64 } }], config: named },
  ]);
  assert.deepEqual(
    platforms[0]?.findings.map(({ rule, prediction }) => [rule, prediction]),
    [["user-missing", "unable to find user app: no matching entries in passwd file"]],
  );
});
