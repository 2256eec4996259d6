/** A builder of two machines: a native node over ssh, what goes there, and what happens when it does not answer. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import * as z from "zod";
import {
  type CleanUp,
  directory,
  docker,
  engineTest,
  lastFirst,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";
import { type OtherMachine, otherMachine, securedMachine } from "./machine.ts";

const document = z.object({
  outcome: z.string(),
  steps: z.array(z.object({ id: z.string(), reason: z.string() })),
  checks: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      detail: z.string(),
      fix: z.string().optional(),
    }),
  ),
  nodes: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      platforms: z.array(z.string()),
      native: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
  error: z.object({ code: z.string(), hint: z.string() }),
});

/** `transship setup` of a builder of this test's own. */
async function bench(engine: TestEngine, machine: Pick<OtherMachine, "path">, context: CleanUp) {
  const env = { BUILDX_CONFIG: await directory(context), PATH: machine.path };
  const builder = `nodes-${engine.name}`;
  const setup = async (...args: readonly string[]) => {
    const image = ["--buildkit-image", engine.buildkitImage];
    const all = ["setup", "--builder", builder, ...image, "--json", ...args];
    const ended = await transship(all, { env });
    return { ...ended, ...document.partial().parse(JSON.parse(ended.stdout)) };
  };
  context.after(async () => {
    await transship(["setup", "--builder", builder, "--remove"], { env });
  });
  return { setup, builder, env };
}

const ids = (steps: readonly { readonly id: string }[] | undefined) =>
  (steps ?? []).map(({ id }) => id);

engineTest("a node over ssh: it builds what it is fixed to", async (engine, testContext) => {
  if (engine.name === "classic") return testContext.skip("the image store is not asked");
  const context = lastFirst(testContext);
  const machine = await otherMachine(engine, context);
  const { setup, builder, env } = await bench(engine, machine, context);
  const node = `${builder}-10.211.${machine.endpoint.split(".")[2]}.2`;

  // Both machines are this one, and of one kind: so arm64 is fixed to the second by hand, which emulates it.
  const made = await setup("--node", `${machine.endpoint},platform=linux/arm64`);
  assert.equal(made.exitCode, 0, made.stderr);
  assert.deepEqual(ids(made.steps), ["write-configuration", "create-builder", "add-node"]);
  assert.deepEqual(
    made.nodes?.map(({ name, status, platforms }) => ({ name, status, platforms })),
    [
      { name: `${builder}0`, status: "running", platforms: ["linux/amd64"] },
      { name: node, status: "running", platforms: ["linux/arm64"] },
    ],
  );
  assert.equal(made.nodes?.[1]?.native, "linux/amd64");
  const warned = made.checks?.find(({ id, status }) => id === "node" && status === "warn");
  assert.match(warned?.detail ?? "", /builds linux\/arm64; linux\/arm64 with an emulator$/);

  assert.equal((await setup()).outcome, "unchanged");

  const container = `buildx_buildkit_${node}`;
  const sources = await directory(context, tinyContext());
  const store = await directory(context);
  const where = ["--builder", builder, "--store", store, "--no-load", "--json"];
  const wanted = ["-i", "nodes-app", "--platform", "linux/amd64,linux/arm64", "-c", sources];
  const before = await machine.docker("exec", container, "buildctl", "du");
  const cache = await directory(context);
  const kept = ["--cache-to", `type=local,dest=${cache}`];
  const built = await transship(["build", ...wanted, ...where, ...kept], { env });
  assert.equal(built.exitCode, 0, built.stderr);
  // Each node writes its own platforms there; in one place the last would be all that is left.
  assert.deepEqual((await readdir(cache)).toSorted(), ["amd64", "arm64"]);
  const after = await machine.docker("exec", container, "buildctl", "du");
  assert.ok(after.split("\n").length > before.split("\n").length, "nothing was built there");
  const verified = await transship(["verify", `oci:${store}:nodes-app:local`, "--json"], { env });
  assert.equal(verified.exitCode, 0, verified.stdout);

  // Trap 4: buildx would give it to the first node without a word.
  const strange = ["-i", "nodes-strange", "--platform", "linux/arm64,linux/s390x", "-c", sources];
  const refused = await transship(["build", ...strange, ...where], { env });
  const { error } = document.partial().parse(JSON.parse(refused.stdout));
  assert.equal(error?.code, "NODE_PLATFORM_MISSING", refused.stderr);
  assert.equal(refused.exitCode, 4);

  const anew = await setup("--recreate");
  assert.deepEqual(ids(anew.steps), ["remove-builder", "create-builder", "add-node"]);
  assert.equal(anew.nodes?.[1]?.name, node);

  const without = await setup("--remove-node", node);
  assert.deepEqual(ids(without.steps), ["remove-node"]);
  assert.deepEqual(without.nodes?.[0]?.platforms, ["linux/amd64", "linux/arm64"]);
  assert.equal(await machine.docker("ps", "--all", "--quiet"), "");
  assert.equal(await machine.docker("volume", "ls", "--quiet"), "");
  assert.equal((await setup()).outcome, "unchanged");
});

engineTest("a node that does not answer is told, with its fix", async (engine, testContext) => {
  if (engine.name !== "containerd") return testContext.skip("tried on one engine");
  const context = lastFirst(testContext);
  const machine = await otherMachine(engine, context);
  const { setup, builder, env } = await bench(engine, machine, context);
  const wish = ["--node", `${machine.endpoint},name=other,platform=linux/arm64`];

  await machine.server.renewHostKey();
  const changed = await setup(...wish);
  assert.equal(changed.error?.code, "SSH_HOST_KEY_CHANGED", changed.stderr);
  assert.match(changed.error.hint, /ssh-keygen -R /);
  assert.equal(changed.exitCode, 4);
  await machine.server.trustHostKey();

  const stranger = machine.endpoint.replace("root@", "nobody@");
  assert.equal((await setup("--node", stranger)).error?.code, "SSH_DENIED");
  const nowhere = machine.endpoint.replace(/\.2$/, ".77");
  assert.equal((await setup("--node", nowhere)).error?.code, "SSH_UNREACHABLE");

  assert.deepEqual(ids((await setup(...wish)).steps), [
    "write-configuration",
    "create-builder",
    "add-node",
  ]);
  const sources = await directory(context, tinyContext());
  const build = async (platform: string) => {
    const what = ["-i", "nodes-dead", "-c", sources, "--platform", platform, "--no-load"];
    const where = ["--builder", builder, "--store", await directory(context), "--json"];
    const { stdout } = await transship(["build", ...what, ...where], { env });
    return document.pick({ error: true }).partial().parse(JSON.parse(stdout)).error?.code;
  };
  await machine.halt();
  const dead = await setup();
  assert.equal(dead.exitCode, 1, dead.stdout);
  assert.deepEqual(dead.steps, []);
  const check = dead.checks?.find(({ id, status }) => id === "node" && status === "fail");
  assert.match(check?.detail ?? "", /^other \(ssh:.*\): The engine at ssh:.* does not answer: /);
  assert.match(check?.fix ?? "", /transship setup --remove-node other$/);
  assert.equal(await build("linux/arm64"), "NODE_UNREACHABLE");
  assert.equal(await build("linux/amd64"), undefined);
  // It would be lost.
  assert.equal((await setup("--recreate")).error?.code, "NODE_UNREACHABLE");

  await machine.boot();
  const back = await setup();
  assert.equal(back.exitCode, 0, back.stdout);
  assert.deepEqual(
    back.nodes?.map(({ status }) => status),
    ["running", "running"],
  );

  await machine.server.stop();
  const deaf = await setup();
  const said = deaf.checks?.find(({ id, status }) => id === "node" && status === "fail");
  assert.match(said?.detail ?? "", /does not answer ssh: .*Connection refused/);
  const removed = await transship(
    ["setup", "--builder", builder, "--remove-node", "other", "--json"],
    { env },
  );
  assert.equal(removed.exitCode, 0, removed.stderr);
});

engineTest(
  "a node behind TLS has a context of its own, while it is there",
  async (engine, test) => {
    const context = lastFirst(test);
    const { endpoint, certificates } = await securedMachine(engine, context);
    const { setup, builder } = await bench(engine, { path: process.env["PATH"] ?? "" }, context);
    const files = ["ca=ca.pem", "cert=client.pem", "key=client.key"];
    const tls = files.map((file) => file.replace("=", `=${certificates}/`)).join(",");
    const wish = ["--node", `${endpoint},${tls},name=${builder}-tls,platform=linux/arm64`];

    assert.equal((await setup("--node", endpoint)).error?.code, "NODE_UNREACHABLE");
    const made = await setup(...wish);
    assert.equal(made.exitCode, 0, made.stderr);
    assert.deepEqual(ids(made.steps), ["write-configuration", "create-builder", "add-node"]);
    assert.equal(made.nodes?.[1]?.native, "linux/amd64");
    assert.equal((await setup()).outcome, "unchanged");
    assert.deepEqual(ids((await setup(...wish)).steps), ["renew-node"]);
    const name = `transship-${builder}-tls`;
    assert.ok((await docker("context", "ls", "--quiet")).split("\n").includes(name));
    assert.deepEqual(ids((await setup("--remove-node", `${builder}-tls`)).steps), ["remove-node"]);
    assert.ok(!(await docker("context", "ls", "--quiet")).split("\n").includes(name));
  },
);
