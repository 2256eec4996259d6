import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import * as z from "zod";
import { directory, docker, engineTest, ensureBuilder, transship } from "./engine.ts";

const document = z.object({
  verdict: z.string(),
  components: z.array(
    z.object({
      id: z.string(),
      platform: z.string().optional(),
      status: z.string(),
      detail: z.string(),
    }),
  ),
});

async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const ended = await transship(["doctor", "--json", ...args], { env });
  return { ...ended, ...document.parse(JSON.parse(ended.stdout)) };
}

const way = (platform: string) => ["build", "verify", "test"].map((id) => `${id} ${platform}`);

engineTest(
  "the whole way works for both platforms, and nothing is left of it",
  async (engine, context) => {
    await ensureBuilder(engine);
    const TMPDIR = await directory(context);
    const { exitCode, verdict, components, stdout } = await doctor([], { TMPDIR });
    assert.equal(exitCode, 0, stdout);
    assert.equal(verdict, "passed");
    const names = components.map(({ id, platform = "" }) => `${id} ${platform}`.trim());
    assert.deepEqual(names, [
      "engine",
      "builder",
      ...way("linux/amd64"),
      ...way("linux/arm64"),
      "cleanup",
    ]);
    assert.ok(
      components.every(({ status }) => status === "pass"),
      stdout,
    );
    assert.equal(await docker("image", "ls", "--quiet", "transship/doctor"), "");
    assert.deepEqual(
      (await readdir(TMPDIR)).filter((name) => name.startsWith("transship-")),
      [],
    );
  },
);

engineTest(
  "a builder that is missing is that component's failure, and the rest is tried all the same",
  async (engine, context) => {
    await ensureBuilder(engine);
    const buildx = await directory(context);
    const { exitCode, components } = await doctor(["--platform", "linux/amd64"], {
      BUILDX_CONFIG: buildx,
    });
    assert.equal(exitCode, 1);
    const statuses = components.map(({ id, status }) => `${id} ${status}`);
    assert.deepEqual(statuses, [
      "engine pass",
      "builder fail",
      "build pass",
      "verify pass",
      "test pass",
      "cleanup pass",
    ]);
  },
);

engineTest("--clean removes what a killed run left, and nothing else", async (_engine, context) => {
  const { execa } = await import("execa");
  const { tarOf } = await import("../image/image.ts");
  const archive = await tarOf({ file: "x" });
  const name = "transship/doctor:left-over";
  await execa("docker", ["import", "--change", 'CMD ["/x"]', "-", name], { input: archive });
  await execa("docker", ["import", "-", "transship-test-bystander:1"], { input: archive });
  context.after(async () => await docker("image", "rm", "--force", "transship-test-bystander:1"));
  await docker("create", "--label", "dev.transship.run=gone", name);
  const { exitCode } = await doctor(["--clean"]);
  assert.equal(exitCode, 0);
  assert.equal(
    await docker("ps", "--all", "--quiet", "--filter", "label=dev.transship.run=gone"),
    "",
  );
  assert.equal(await docker("image", "ls", "--quiet", "transship/doctor"), "");
  assert.notEqual(await docker("image", "ls", "--quiet", "transship-test-bystander"), "");
});
