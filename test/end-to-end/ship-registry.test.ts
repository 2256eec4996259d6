/** `transship ship --via` a registry: pushed there once, pulled by each server's engine with a login of its own. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { layoutOf, randomLayer } from "./cargo.ts";
import { names, shipping, shippingWith } from "./dock.ts";
import { type CleanUp, directory, engineTest, lastFirst, main, type TestEngine } from "./engine.ts";
import { harbour, type HarbourWishes, loginFile } from "./harbour.ts";
import { type BareMachine, bareMachine, type MachineWishes } from "./machine.ts";

/** The networks of all test machines: there no engine wants TLS. */
const insecure = ["--insecure-registry", "10.211.0.0/16"];

/** A registry that a server finds at the same address as this machine, and the server. */
async function port(
  engine: TestEngine,
  context: CleanUp,
  { wantsLogin = false, ...wishes }: MachineWishes & HarbourWishes = {},
) {
  const address = networkInterfaces()["eth0"]?.find(({ family }) => family === "IPv4")?.address;
  assert.ok(address !== undefined);
  const registry = await harbour(engine, context, { address, wantsLogin });
  const machine = await bareMachine(engine, context, { flags: insecure, ...wishes });
  const via = ["--name", "app:1", "--via", `http://${registry.host}/team/app`];
  return { registry, machine, via, server: machine.endpoint.replace("ssh://", "") };
}

async function digestsOf(machine: BareMachine, name: string): Promise<string> {
  return await machine.docker("image", "inspect", "--format", "{{json .RepoDigests}}", name);
}

engineTest("ship over a registry: pushed once, pulled by each", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { registry, machine, via, server } = await port(engine, context);
  // One machine by two names: each asks, waits and pulls for itself.
  const servers = [server, server.replace(/^.*@/, "")];
  const big = randomLayer("big", 2_000_000);
  const layers = () => [big, randomLayer("small", 100_000)];
  const [first, second] = [
    await layoutOf(context, { layers: layers() }),
    await layoutOf(context, { layers: layers() }),
  ];
  const ship = async (layout: string, ...more: readonly string[]) =>
    await shipping(machine, `oci:${layout}`, ...servers, ...via, ...more);
  const asked = (pattern: RegExp) => registry.answers.filter((line) => pattern.test(line)).length;

  const planned = await ship(first, "--dry-run");
  assert.equal(planned.exitCode, 0, planned.stderr);
  assert.deepEqual([planned.pushed?.missing.length, planned.pushed?.bytesSent], [4, 0]);
  assert.deepEqual(
    planned.servers.map(({ outcome, layersSent, missing }) => [
      outcome,
      layersSent,
      missing.length,
    ]),
    [
      ["planned", 0, 3],
      ["planned", 0, 3],
    ],
  );
  assert.equal(asked(/^(?:POST|PUT|PATCH) /), 0);

  const one = await ship(first);
  assert.equal(one.exitCode, 0, one.stderr);
  assert.deepEqual([asked(/^POST .*uploads/), asked(/^PUT .*\/manifests\/1 /)], [4, 1]);
  assert.deepEqual([one.pushed?.missing.length, one.pushed?.blobsPresent], [4, 0]);
  assert.equal(one.bytesSent, one.pushed?.bytesSent);
  for (const { outcome, via: way, bytesSent, layersSent, layersPresent, verdict } of one.servers) {
    assert.deepEqual([outcome, way, bytesSent, verdict], ["shipped", "registry", 0, "proven"]);
    assert.equal(layersSent + layersPresent, 3);
  }
  assert.ok(
    one.servers.some(({ layersSent }) => layersSent === 3),
    one.stdout,
  );
  assert.equal(await machine.docker("run", "--rm", "app:1"), "x86_64");
  assert.ok(!(await digestsOf(machine, "app:1")).includes(registry.host));

  const two = await ship(second);
  assert.deepEqual([two.pushed?.missing.length, two.pushed?.blobsPresent], [2, 2], two.stderr);
  assert.ok((two.bytesSent ?? 0) < 110_000);
  assert.equal(Math.max(...two.servers.map(({ layersSent }) => layersSent)), 1, two.stdout);

  const three = await ship(second);
  assert.deepEqual(
    [three.pushed, three.bytesSent, three.first?.outcome],
    [undefined, 0, "present"],
  );
  const left = await names(machine);
  assert.ok(!left.some((name) => name.includes(registry.host)), left.join(" "));
});

engineTest(
  "ship over a registry: a server's engine needs a login of its own",
  async (engine, testContext) => {
    const context = lastFirst(testContext);
    const there = await directory(context);
    const wishes = { wantsLogin: true, env: { DOCKER_CONFIG: there } };
    const { registry, machine, via, server } = await port(engine, context, wishes);
    const login = { "config.json": loginFile(registry.host) };
    const here = { DOCKER_CONFIG: await directory(context, login) };
    const layout = await layoutOf(context, { layers: [randomLayer("data", 200_000)] });
    const words = [`oci:${layout}`, server, ...via];

    const stranger = { DOCKER_CONFIG: await directory(context) };
    const unknown = await shippingWith(stranger, machine, ...words);
    assert.equal(unknown.error?.code, "REGISTRY_AUTH", unknown.stderr);

    const refused = await shippingWith(here, machine, ...words);
    assert.equal(refused.exitCode, 4);
    assert.equal(refused.error?.code, "SERVER_REGISTRY_AUTH", refused.stderr);
    const command = `ssh -t ${server} docker login ${registry.host}`;
    assert.ok(refused.error?.hint.endsWith(command), refused.error?.hint);
    assert.deepEqual(await names(machine), []);

    await writeFile(path.join(there, "config.json"), login["config.json"]);
    const shipped = await shippingWith(here, machine, ...words);
    assert.equal(shipped.exitCode, 0, shipped.stderr);
    // It was pushed the time before.
    assert.deepEqual([shipped.pushed?.missing.length, shipped.bytesSent], [0, 0]);
    assert.equal(await machine.docker("run", "--rm", "app:1"), "x86_64");
  },
);

engineTest("ship over a registry that the server cannot use", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, via, server } = await port(engine, context, { flags: [] });
  const layout = await layoutOf(context, { layers: [] });
  const plain = await shipping(machine, `oci:${layout}`, server, ...via);
  assert.equal(plain.error?.code, "SERVER_REGISTRY_PLAIN_HTTP", plain.stderr);
  // Of this machine alone.
  const { host } = await harbour(engine, context);
  const words = ["--name", "app:1", "--via", `${host}/app`];
  const away = await shipping(machine, `oci:${layout}`, server, ...words);
  assert.equal(away.error?.code, "SERVER_REGISTRY_UNREACHABLE", away.stderr);
  assert.deepEqual(await names(machine), []);
});

engineTest("ship over a registry: killed, and run again", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, via, server } = await port(engine, context);
  const layers = [1, 2, 3, 4, 5, 6].map((n) => randomLayer(`file${n}`, n * 2_000_000));
  const layout = await layoutOf(context, { layers });
  const words = [`oci:${layout}`, server, ...via];
  const env = { PATH: machine.path };
  const argv = [main, "ship", ...words, "--verbose"];
  const running = execa(process.execPath, argv, { env, reject: false, all: true });
  for await (const line of running.iterable({ from: "all" })) {
    if (/[0-9a-f]{12} sent: /.test(line)) running.kill("SIGKILL");
  }
  const killed = await running;
  assert.equal(killed.signal, "SIGKILL", killed.all);
  const again = await shipping(machine, ...words);
  assert.equal(again.exitCode, 0, again.stderr);
  assert.ok((again.pushed?.blobsPresent ?? 0) >= 1);
  assert.equal(await machine.docker("run", "--rm", "app:1"), "x86_64");
});
