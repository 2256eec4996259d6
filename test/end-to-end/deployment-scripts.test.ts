/** The drop-in scripts on a real engine: built from the caller's directory, validated right and wrong. */
import assert from "node:assert/strict";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import * as z from "zod";
import { directory, docker, engineTest, ensureBuilder, tinyContext } from "./engine.ts";

const scripts = fileURLToPath(new URL("../../scripts/deployment/", import.meta.url));

const validation = z.object({
  image_name: z.string(),
  image_id: z.string().nullable(),
  actual_architecture: z.string().nullable(),
  expected_architecture: z.string(),
  platform_string: z.string().nullable(),
  size_bytes: z.number().nullable(),
  validation_result: z.enum(["pass", "fail"]),
  architecture_match: z.boolean(),
  os_match: z.boolean(),
  error_code: z.string().optional(),
});

/** The scripts as they are run from a directory that holds sources below `service`. */
async function bench(context: TestContext) {
  const { Dockerfile, amd64 } = tinyContext();
  const cwd = await directory(context, {
    "service/Dockerfile": Dockerfile,
    "service/amd64": amd64,
  });
  const image = `transship-test-${path
    .basename(cwd)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")}`;
  context.after(async () => await docker("image", "rm", "--force", `${image}:1`).catch(() => {}));
  const env = { XDG_CACHE_HOME: await directory(context) };
  const run = async (script: string, ...args: readonly string[]) =>
    await execa(path.join(scripts, script), args, { cwd, env, reject: false, timeout: 240_000 });
  const validate = async (...args: readonly string[]) => {
    const ended = await run("validate-image-architecture.sh", "--json", ...args);
    assert.notEqual(ended.stdout, "", ended.stderr);
    return { exitCode: ended.exitCode, ...validation.parse(JSON.parse(ended.stdout)) };
  };
  return { image, run, validate };
}

engineTest(
  "an image that the build script made is what the validation script says",
  async (engine, context) => {
    await ensureBuilder(engine);
    const { image, run, validate } = await bench(context);
    const source = ["-f", "service/Dockerfile", "-c", "service"];
    const built = await run("build-amd64-image.sh", "-i", image, "-t", "1", ...source);
    assert.equal(built.exitCode, 0, built.stderr);

    const right = await validate("-i", `${image}:1`, "-a", "x86_64");
    assert.equal(right.exitCode, 0);
    assert.equal(right.validation_result, "pass");
    assert.equal(right.platform_string, "linux/amd64");
    assert.match(right.image_id ?? "", /^sha256:/);
    assert.ok((right.size_bytes ?? 0) > 0);

    const wrong = await validate("-i", `${image}:1`, "-a", "arm64");
    assert.equal(wrong.exitCode, 1);
    assert.deepEqual(
      [
        wrong.validation_result,
        wrong.actual_architecture,
        wrong.architecture_match,
        wrong.os_match,
      ],
      ["fail", "amd64", false, true],
    );
    const told = await run("validate-image-architecture.sh", "-i", `${image}:1`, "-a", "arm64");
    assert.equal(told.exitCode, 1);
    assert.match(told.stdout, /amd64 ✗ expected arm64/);
  },
);

engineTest("an image that is not there fails the validation", async (_engine, context) => {
  const { validate } = await bench(context);
  // Port 1 of this machine is nobody's registry, so that no network is asked.
  const missing = await validate("-i", "127.0.0.1:1/transship-test-missing:1");
  assert.equal(missing.exitCode, 1);
  assert.equal(missing.validation_result, "fail");
  assert.equal(missing.image_id, null);
  assert.match(missing.error_code ?? "", /^IMAGE_MISSING$|^REGISTRY_/);
});

engineTest("the set-up script leaves a healthy builder as it is", async (engine, context) => {
  await ensureBuilder(engine);
  const { run } = await bench(context);
  const { exitCode, stdout, stderr } = await run("setup-buildx-multiarch.sh");
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /The builder multiarch-builder is ready: nothing to do/);
});
