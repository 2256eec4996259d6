import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import * as z from "zod";
import { withoutCompose } from "../compose.ts";
import {
  directory,
  docker,
  engineTest,
  ensureBuilder,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";

const image = z.object({
  service: z.string(),
  image: z.string(),
  outcome: z.string(),
  verdict: z.string(),
  platforms: z.array(z.object({ platform: z.string(), verdict: z.string() })),
  loaded: z.array(z.object({ image: z.string(), label: z.string() })),
});
const failed = z.object({
  service: z.string(),
  outcome: z.string(),
  error: z.object({ code: z.string() }),
});
const document = z.object({
  subject: z.string(),
  project: z.string(),
  files: z.array(z.string()),
  outcome: z.string(),
  verdict: z.string(),
  images: z.array(z.union([image, failed])),
});

/** A project of that name's own with a store of its own; what was loaded goes when the test ends. */
async function bench(
  engine: TestEngine,
  context: TestContext,
  files: (project: string) => Readonly<Record<string, string | Uint8Array>>,
) {
  await ensureBuilder(engine);
  const [root, cache] = [await directory(context), await directory(context)];
  const project = path
    .basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, "");
  for (const [name, content] of Object.entries(files(project)))
    await writeFile(path.join(root, name), content);
  context.after(async () => {
    const listed = await docker("image", "ls", "--quiet", "--filter", `reference=${project}-*`);
    const ids = [...new Set(listed.split("\n").filter((id) => id !== ""))];
    if (ids.length > 0) await docker("image", "rm", "--force", ...ids);
  });
  const env = { XDG_CACHE_HOME: cache };
  const build = async (...args: readonly string[]) => {
    const ended = await transship(["build", "--json", ...args], { env, cwd: root });
    assert.notEqual(ended.stdout, "", ended.stderr);
    return { ...ended, result: document.parse(JSON.parse(ended.stdout)) };
  };
  return { project, root, build };
}

const base = `
    base:
      build:
        context: .
    web:
      build:
        context: .
        dockerfile_inline: |
          FROM base
        additional_contexts:
          base: service:base
`;

engineTest(
  "the services of compose.yaml are built as it says, one on the other",
  async (engine, context) => {
    if (withoutCompose !== false) return context.skip(withoutCompose);
    const { project, build } = await bench(engine, context, (name) => ({
      ...tinyContext(),
      "compose.yaml": `name: ${name}\nservices:${base}`,
    }));
    const { exitCode, stderr, result } = await build();
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stderr,
      new RegExp(`^Read compose\\.yaml: project ${project}, base, web\\.$`, "m"),
    );
    assert.deepEqual([result.subject, result.project, result.outcome], [project, project, "built"]);
    assert.deepEqual(
      result.images.map((one) => [one.service, one.outcome, "image" in one ? one.image : ""]),
      [
        ["base", "built", `${project}-base:latest`],
        ["web", "built", `${project}-web:latest`],
      ],
    );
    // What web is built on is the very program of base.
    const ran = await docker("run", "--rm", "--network=none", `${project}-web:latest`);
    assert.equal(ran, "x86_64");
    // docker compose finds what it would have built.
    const named = await build("base", "--platform", "linux/arm64", "--no-load");
    assert.equal(named.exitCode, 0, named.stderr);
    const [only] = named.result.images;
    assert.ok(only !== undefined && "platforms" in only);
    assert.deepEqual(
      only.platforms.map(({ platform, verdict }) => [platform, verdict]),
      [["linux/arm64", "proven"]],
    );
    assert.deepEqual(only.loaded, []);
  },
);

engineTest(
  "a service that fails stops only what is built on it, and gives the exit code",
  async (engine, context) => {
    if (withoutCompose !== false) return context.skip(withoutCompose);
    const { project, build } = await bench(engine, context, (name) => ({
      ...tinyContext(),
      Broken: "FROM scratch\nCOPY nowhere /\n",
      "compose.yaml": `name: ${name}\nservices:
    broken:
      build: {context: ., dockerfile: Broken}
    fine:
      build: .
`,
    }));
    const { exitCode, stderr, result } = await build();
    assert.equal(exitCode, 1, stderr);
    const [broken, fine] = result.images;
    assert.ok(broken !== undefined && "error" in broken);
    assert.deepEqual([broken.service, broken.error.code], ["broken", "BUILD_FILE_MISSING"]);
    assert.deepEqual([fine?.service, fine?.outcome], ["fine", "built"]);
    const label = await docker(
      "image",
      "inspect",
      "--format={{.Architecture}}/{{.Os}}",
      `${project}-fine:latest`,
    );
    assert.equal(label, "amd64/linux");
  },
);

engineTest(
  "a secret of compose.yaml reaches the build, and nothing else",
  async (engine, context) => {
    if (withoutCompose !== false) return context.skip(withoutCompose);
    const { project, root, build } = await bench(engine, context, (name) => ({
      ...tinyContext(),
      Needs:
        'FROM scratch\nCOPY --chmod=755 amd64 /probe\nRUN --mount=type=secret,id=token,required=true ["/probe"]\nENTRYPOINT ["/probe"]\n',
      token: "hunter2-of-compose",
      ".dockerignore": "token\n",
      "compose.yaml": `name: ${name}\nservices:
    app:
      build: {context: ., dockerfile: Needs, secrets: [token]}
secrets:
    token: {file: ./token}
`,
    }));
    const { exitCode, stdout, stderr } = await build();
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /--secret id=token,src=token /);
    const archive = execFileSync("docker", ["image", "save", `${project}-app:latest`], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    for (const text of [stdout, stderr, archive.toString("latin1")])
      assert.doesNotMatch(text, /hunter2-of-compose/);
  },
);
