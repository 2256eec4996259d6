import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import * as z from "zod";
import { tarball } from "../../src/filesystem/tarball.ts";
import { readImage } from "../../src/image/image.ts";
import { layoutArchive } from "../../src/image/loadable.ts";
import { imageOf, tarOf } from "../image/image.ts";
import {
  directory,
  docker,
  engineTest,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";

const document = z.object({
  verdict: z.string(),
  image: z.object({ name: z.string(), id: z.string(), sizeBytes: z.number(), from: z.string() }),
  platforms: z.array(
    z.object({
      platform: z.string(),
      verdict: z.string(),
      label: z.object({ architecture: z.string(), os: z.string() }),
      findings: z.array(z.object({ rule: z.string() })),
    }),
  ),
});

async function verify(...args: readonly string[]) {
  const ended = await transship(["verify", ...args, "--json"]);
  return { ...ended, result: document.parse(JSON.parse(ended.stdout)) };
}

/** An image that the engine itself imported: the store has never seen it. */
async function imported(engine: TestEngine, platform: string, program: Uint8Array, name: string) {
  const archive = await tarOf({ probe: { content: program } });
  const change = 'ENTRYPOINT ["/probe"]';
  await execa("docker", ["import", "--platform", platform, "--change", change, "-", name], {
    input: archive,
  });
  return engine;
}

engineTest(
  "an image of the engine is read from the engine, and its label compared",
  async (engine, context) => {
    const image = "transship-test-verify:1";
    await imported(engine, "linux/arm64", tinyContext().arm64, image);
    context.after(async () => await docker("image", "rm", "--force", image));
    const { exitCode, result } = await verify(image);
    assert.equal(exitCode, 0);
    assert.equal(result.image.from, "engine");
    assert.deepEqual(
      result.platforms.map((one) => [one.platform, one.verdict]),
      [["linux/arm64", "proven"]],
    );
    const wrong = await verify("-i", image, "-a", "x86_64", "-o", "linux");
    assert.equal(wrong.exitCode, 1);
    assert.deepEqual(
      wrong.result.platforms[0]?.findings.map(({ rule }) => rule),
      ["label"],
    );
    const strict = await transship(["verify", image, "--strict"]);
    assert.equal(strict.exitCode, 0);
  },
);

engineTest("a label that lies is refuted by the program itself", async (engine, context) => {
  const image = "transship-test-lie:1";
  await imported(engine, "linux/amd64", tinyContext().arm64, image);
  context.after(async () => await docker("image", "rm", "--force", image));
  const { exitCode, result } = await verify(image, "--platform", "linux/amd64");
  assert.equal(exitCode, 1);
  assert.deepEqual(
    result.platforms[0]?.findings.map(({ rule }) => rule),
    ["entrypoint-machine"],
  );
  assert.equal(result.platforms[0]?.label.architecture, "amd64");
});

const layersOf = (platform: "amd64" | "arm64") => [{ probe: { content: tinyContext()[platform] } }];

engineTest(
  "an image of which the engine holds one platform only is read as far as it is there",
  async (engine, context) => {
    // The classic image store forgets the index when it loads.
    if (engine.imageStore === "classic")
      return context.skip("containerd's image store keeps indexes");
    const config = { Entrypoint: ["/probe"] };
    const whole = await imageOf([
      { layers: layersOf("amd64"), config },
      { layers: layersOf("arm64"), config, architecture: "arm64" },
    ]);
    const name = "docker.io/library/transship-test-partial:1";
    const [, foreign] = (await readImage(whole.root, { source: whole.source, name })).platforms;
    assert.ok(foreign);
    const absent = [foreign.descriptor, foreign.manifest.config, ...foreign.manifest.layers];
    for (const { digest } of absent) whole.blobs.delete(digest);
    const { platforms } = await readImage(whole.root, {
      source: whole.source,
      name,
      mayLack: true,
    });
    const files = layoutArchive(whole.root, platforms, { source: whole.source, name, tag: "1" });
    await execa("docker", ["load"], { input: tarball(files) });
    context.after(async () => await docker("image", "rm", "--force", "transship-test-partial:1"));
    const { exitCode, result, stderr } = await verify("transship-test-partial:1");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      result.platforms.map(({ platform }) => platform),
      ["linux/amd64"],
    );
    assert.match(stderr, /lists linux\/arm64, which the engine does not hold: not looked at/);
  },
);

engineTest("what docker saves is read as it stands, packed or not", async (engine, context) => {
  const image = "transship-test-saved:1";
  await imported(engine, "linux/arm64", tinyContext().arm64, image);
  context.after(async () => await docker("image", "rm", "--force", image));
  const file = path.join(await directory(context), "saved.tar");
  await docker("image", "save", "--output", file, image);
  await execa("gzip", ["--keep", file]);
  const subjects = [
    `docker-archive:${file}`,
    `docker-archive:${file}:${image}`,
    `docker-archive:${file}.gz:@0`,
    `oci-archive:${file}`,
    `oci-archive:${file}:${image}`,
  ];
  for (const subject of subjects) {
    const { exitCode, result, stderr } = await verify(subject, "--platform", "linux/arm64");
    assert.equal(exitCode, 0, `${subject}: ${stderr}`);
    assert.equal(result.image.from, "archive");
    assert.deepEqual(
      result.platforms.map(({ platform }) => platform),
      ["linux/arm64"],
    );
  }
});

engineTest(
  "an image is found by its ID, whole or short, as docker finds it",
  async (engine, context) => {
    const image = "transship-test-id:1";
    await imported(engine, "linux/amd64", tinyContext().amd64, image);
    context.after(async () => await docker("image", "rm", "--force", image));
    const id = await docker("image", "inspect", "--format", "{{.Id}}", image);
    const hex = id.slice("sha256:".length);
    for (const subject of [id, hex, hex.slice(0, 12), id.slice(0, 20), `docker-daemon:${id}`]) {
      const { exitCode, result, stderr } = await verify(subject);
      assert.equal(exitCode, 0, `${subject}: ${stderr}`);
      assert.deepEqual([result.image.id, result.image.from], [id, "engine"]);
    }
  },
);

engineTest("a layout on disk is read without the engine's help", async (engine) => {
  const { exitCode, result } = await verify(`oci:${engine.baseLayout}`);
  assert.equal(exitCode, 0);
  assert.deepEqual(
    result.platforms.map(({ platform }) => platform),
    ["linux/amd64", "linux/arm64"],
  );
});

engineTest("what is not there, or not readable, has its code", async (engine, context) => {
  const empty = await directory(context);
  const missing: readonly (readonly [readonly string[], string, number])[] = [
    [["docker-daemon:transship-test-nobody:1"], "IMAGE_MISSING", 1],
    [["127.0.0.1:1/nobody/nothing:1"], "IMAGE_MISSING", 1],
    [["docker://127.0.0.1:1/nobody/nothing:1"], "REGISTRY_UNREACHABLE", 4],
    [[`oci:${empty}`], "STORE_LAYOUT_UNKNOWN", 4],
    [["Upper"], "REFERENCE_INVALID", 2],
    [["app", "-a", "vax"], "PLATFORM_UNKNOWN", 2],
    [[`oci:${engine.baseLayout}`, "--platform", "linux/s390x"], "IMAGE_PLATFORM_MISSING", 1],
  ];
  for (const [args, code, exitCode] of missing) {
    const ended = await transship(["verify", ...args, "--json"]);
    const { error } = z
      .object({ error: z.object({ code: z.string() }) })
      .parse(JSON.parse(ended.stdout));
    assert.deepEqual([error.code, ended.exitCode], [code, exitCode], ended.stderr);
  }
});
