import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import type { TestContext } from "node:test";
import { execa } from "execa";
import * as z from "zod";
import { serviceProgram } from "../../src/doctor/service.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { tarOf, type TestFiles } from "../image/image.ts";
import { directory, docker, engineTest, main, transship, until } from "./engine.ts";

const document = z.object({
  verdict: z.string(),
  platform: z.string(),
  emulated: z.boolean(),
  emulator: z.string().optional(),
  checks: z.array(
    z.object({ id: z.string(), status: z.string(), detail: z.string(), ms: z.number() }),
  ),
});

const ids = [
  "image-architecture",
  "startup",
  "runtime-architecture",
  "process-execution",
  "network",
  "health",
  "resources",
];

interface TestedImage {
  readonly platform?: string;
  readonly files: TestFiles;
  readonly changes: readonly string[];
}

const program = (platform: string) => serviceProgram(parsePlatform(platform)) ?? new Uint8Array();

/** A service of 400 bytes that answers every path with 200. */
const service = (platform = "linux/amd64"): TestedImage => ({
  platform,
  files: { service: { content: program(platform) } },
  changes: ['ENTRYPOINT ["/service"]', "EXPOSE 8080"],
});

/** A script for busybox, which every machine of these tests has. */
async function shell(script: string): Promise<TestedImage> {
  const { stdout } = await execa("cat", [busybox], { encoding: "buffer" });
  return {
    files: {
      "bin/busybox": { content: stdout },
      ...Object.fromEntries(
        ["sh", "uname", "sleep", "httpd", "mkdir"].map((name) => [
          `bin/${name}`,
          { type: "symlink" as const, linkname: "busybox" },
        ]),
      ),
      "run.sh": `#!/bin/sh\n${script}\n`,
    },
    changes: ['ENTRYPOINT ["/bin/sh", "/run.sh"]', "EXPOSE 8080"],
  };
}

const busybox = "/bin/busybox";

/** Imports the image into the engine; it goes when the test ends. */
async function imported(
  context: TestContext,
  { platform = "linux/amd64", files, changes }: TestedImage,
) {
  const marker = path.basename(await directory(context)).toLowerCase();
  const name = `transship-test-run:${marker}`;
  const flags = changes.flatMap((change) => ["--change", change]);
  await execa("docker", ["import", "--platform", platform, ...flags, "-", name], {
    input: await tarOf(files),
  });
  context.after(async () => await docker("image", "rm", "--force", name));
  return name;
}

async function tested(image: string, ...args: readonly string[]) {
  const ended = await transship(["test", image, "--json", ...args]);
  const parsed = document.safeParse(JSON.parse(ended.stdout));
  assert.ok(parsed.success, `${ended.stdout}\n${ended.stderr}`);
  const of = (id: string) => parsed.data.checks.find((check) => check.id === id);
  const statuses = parsed.data.checks.map(({ status }) => status).join(" ");
  return { ...ended, ...parsed.data, of, statuses };
}

async function errorOf(...args: readonly string[]) {
  const ended = await transship(["test", "--json", ...args]);
  const { error } = z
    .object({ error: z.object({ code: z.string() }) })
    .parse(JSON.parse(ended.stdout));
  return [error.code, ended.exitCode];
}

const containersOf = async (image: string) =>
  await docker("ps", "--all", "--quiet", "--filter", `ancestor=${image}`);

engineTest(
  "a service passes all seven, native and emulated, and leaves nothing",
  async (_engine, context) => {
    for (const [platform, machine] of [
      ["linux/amd64", "x86_64"],
      ["linux/arm64", "aarch64"],
    ] as const) {
      const image = await imported(context, service(platform));
      const result = await tested(image);
      assert.equal(result.exitCode, 0, result.stdout);
      assert.deepEqual(
        result.checks.map(({ id }) => id),
        ids,
      );
      assert.equal(result.statuses, "pass pass pass pass pass pass pass", result.stdout);
      assert.equal(result.verdict, "passed");
      assert.equal(result.platform, platform);
      assert.equal(result.emulated, platform === "linux/arm64");
      assert.match(result.of("runtime-architecture")?.detail ?? "", new RegExp(`says ${machine}`));
      if (result.emulated) assert.match(result.emulator ?? "", /qemu/);
      assert.equal(await containersOf(image), "");
    }
  },
);

engineTest("the text says 7/7 for seven passes, and how it ran", async (_engine, context) => {
  const image = await imported(context, service());
  const { stdout } = await transship(["test", image]);
  assert.match(stdout, new RegExp(`^${image} on linux/amd64, native\n`));
  assert.match(stdout, /\n7\/7 passed: /);
  const quick = await transship(["test", image, "--quick"]);
  assert.equal(quick.exitCode, 0);
  assert.match(quick.stdout, /\n4 passed, 0 failed, 3 skipped: /);
  assert.doesNotMatch(quick.stdout, /7\/7/);
});

engineTest(
  "requirement 1.4: an image with a shell is asked by its own uname",
  async (_engine, context) => {
    const image = await imported(context, await shell("exec sleep 86399"));
    const result = await tested(image, "--quick");
    assert.match(result.of("runtime-architecture")?.detail ?? "", /^uname -m says x86_64, native/);
  },
);

engineTest(
  "requirement 2.4: an image without the health endpoint fails, unless it was told not to look",
  async (_engine, context) => {
    const image = await imported(
      context,
      await shell("mkdir -p /www; exec httpd -f -p 8080 -h /bin"),
    );
    const result = await tested(image);
    assert.equal(result.exitCode, 1);
    assert.equal(result.of("health")?.status, "fail");
    assert.match(
      result.of("health")?.detail ?? "",
      /\/api\/healthchecker answered 404; \/health answered 404/,
    );
    const told = await tested(image, "--no-health");
    assert.equal(told.exitCode, 0, told.stdout);
    assert.equal(told.of("health")?.status, "skip");
    const elsewhere = await tested(image, "--health-path", "/busybox");
    assert.equal(elsewhere.of("health")?.status, "pass", elsewhere.stdout);
  },
);

engineTest("a redirect is shown and not followed", async (_engine, context) => {
  // A directory without its slash.
  const image = await imported(
    context,
    await shell("mkdir -p /www/dir; exec httpd -f -p 8080 -h /www"),
  );
  const result = await tested(image, "--health-path", "/dir", "--retries", "1");
  assert.equal(result.exitCode, 1);
  const detail = result.of("health")?.detail ?? "";
  assert.match(detail, /\/dir answered 302 to \/dir\/ \(redirects are not followed\)/);
});

engineTest("a crash shows its exit code and last words at once", async (_engine, context) => {
  const image = await imported(context, await shell("echo no database >&2; exit 3"));
  const result = await tested(image, "--wait", "60");
  assert.equal(result.exitCode, 1);
  const startup = result.of("startup");
  assert.match(startup?.detail ?? "", /^it ended with exit code 3\n\| no database$/);
  assert.equal(result.statuses, "pass fail skip skip skip skip skip");
  assert.equal(await containersOf(image), "");
});

engineTest(
  "a program that is not there, and one that is for no machine here, fail the start",
  async (_engine, context) => {
    const absent = await imported(context, {
      files: { other: "" },
      changes: ['ENTRYPOINT ["/app"]'],
    });
    const missing = await tested(absent);
    assert.match(
      missing.of("startup")?.detail ?? "",
      /it did not start: .*no such file or directory/,
    );
    const garbage = await imported(context, {
      files: { app: { content: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 9, 9) } },
      changes: ['ENTRYPOINT ["/app"]'],
    });
    const broken = await tested(garbage);
    assert.match(broken.of("startup")?.detail ?? "", /exec format error/);
    assert.equal(broken.exitCode, 1);
  },
);

engineTest("a label that lies is seen in the processes", async (_engine, context) => {
  const lie = { ...service("linux/arm64"), platform: "linux/amd64" };
  const result = await tested(await imported(context, lie));
  assert.equal(result.of("runtime-architecture")?.status, "fail", result.stdout);
  assert.match(result.of("runtime-architecture")?.detail ?? "", /made for another machine/);
});

engineTest(
  "one that never answers fails after --wait, with its last words",
  async (_engine, context) => {
    const image = await imported(context, await shell("echo thinking; exec sleep 86399"));
    const result = await tested(image, "--wait", "1");
    assert.match(
      result.of("startup")?.detail ?? "",
      /^nothing answered on port 8080 within 1 s\n\| thinking$/,
    );
    assert.equal(result.exitCode, 1);
  },
);

engineTest("variables reach the container", async (_engine, context) => {
  const image = await imported(
    context,
    await shell('test "$WORD" = "two words" || exit 9; exec sleep 86399'),
  );
  assert.equal((await tested(image, "--quick", "--env", "WORD=two words")).exitCode, 0);
});

engineTest("what cannot be tested has its code", async (_engine, context) => {
  const image = await imported(context, service());
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  context.after(() => server.close());
  const address = server.address();
  const taken = typeof address === "object" && address !== null ? String(address.port) : "";
  assert.deepEqual(await errorOf(image, "--port", taken), ["PORT_TAKEN", 4]);
  assert.deepEqual(await errorOf("transship-test-nobody:1"), ["IMAGE_MISSING", 1]);
  assert.deepEqual(await errorOf(image, "--platform", "linux/s390x"), [
    "IMAGE_PLATFORM_MISSING",
    1,
  ]);
  assert.deepEqual(await errorOf(image, "--port", "http"), ["USAGE", 2]);
  assert.equal(await containersOf(image), "");
});

engineTest(
  "--no-cleanup keeps the container, and says how to remove it",
  async (_engine, context) => {
    const image = await imported(context, service());
    const name = `kept-${path.basename(await directory(context))}`;
    const { stderr, exitCode } = await transship(["test", image, "--name", name, "--no-cleanup"]);
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stderr,
      new RegExp(`is kept; remove it with: docker rm --force --volumes ${name}`),
    );
    assert.notEqual(await containersOf(image), "");
    assert.deepEqual(await errorOf(image, "--name", name), ["CONTAINER_NAME_TAKEN", 4]);
    assert.notEqual(
      await containersOf(image),
      "",
      "a run that found the name taken does not remove its owner",
    );
    await docker("rm", "--force", name);
  },
);

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  engineTest(
    `${signal} leaves no container, also one that ignores SIGTERM`,
    async (_engine, context) => {
      const image = await imported(
        context,
        await shell("trap '' TERM INT; while :; do sleep 1; done"),
      );
      const child = spawn(process.execPath, [main, "test", image], { stdio: "ignore" });
      const running = async () => await docker("ps", "--quiet", "--filter", `ancestor=${image}`);
      await until(async () => (await running()) !== "");
      child.kill(signal);
      await once(child, "exit");
      if (signal !== "SIGKILL") assert.equal(child.exitCode, signal === "SIGINT" ? 130 : 143);
      // After SIGKILL the guard works on its own, a moment later.
      await until(async () => (await containersOf(image)) === "");
    },
  );
}

engineTest("two runs at once do not meet", async (_engine, context) => {
  const image = await imported(context, service());
  const results = await Promise.all([tested(image), tested(image), tested(image)]);
  for (const { exitCode, stdout } of results) assert.equal(exitCode, 0, stdout);
  assert.equal(await containersOf(image), "");
});
