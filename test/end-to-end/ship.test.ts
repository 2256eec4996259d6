/** `transship ship` to a real engine behind a real sshd, in a network namespace of its own. */
import assert from "node:assert/strict";
import path from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { tarOf } from "../image/image.ts";
import { layoutOf, program, randomLayer } from "./cargo.ts";
import { dock, names, sharedDock, shipping } from "./dock.ts";
import type { BareMachine } from "./machine.ts";
import { directory, docker, engineTest, lastFirst, until } from "./engine.ts";
import { wireTo } from "./wire.ts";

const sharing = sharedDock({ after });

engineTest("ship: all at first, then what changed, then nothing", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, ship } = await sharing(engine);
  const big = randomLayer("big", 2_000_000);
  const first = await layoutOf(context, { layers: [big, randomLayer("small", 100_000)] });
  const second = await layoutOf(context, { layers: [big, randomLayer("small", 100_000)] });

  const planned = await ship(first, "--dry-run");
  assert.equal(planned.first?.outcome, "planned", planned.stderr);
  assert.deepEqual(await names(machine), []);

  const one = await ship(first);
  assert.equal(one.exitCode, 0, one.stderr);
  assert.equal(one.first?.via, "pull");
  assert.equal(one.first?.verdict, "proven");
  assert.deepEqual([one.first?.layersSent, one.first?.layersPresent], [3, 0]);
  assert.equal(one.first?.bytesPredicted, planned.first?.bytesPredicted);
  assert.equal(await machine.docker("run", "--rm", "app:1"), "x86_64");

  const two = await ship(second);
  assert.deepEqual([two.first?.layersSent, two.first?.layersPresent], [1, 2], two.stderr);
  const { bytesSent = 0, bytesPredicted = 0 } = two.first ?? {};
  assert.ok(bytesSent - bytesPredicted >= 0 && bytesSent - bytesPredicted < 2_000);

  const three = await ship(second);
  assert.deepEqual([three.first?.outcome, three.first?.bytesSent], ["present", 0]);

  // Its name went to the second; what protects the first from being pruned is there, and nothing temporary.
  const left = await names(machine);
  assert.equal(left.filter((name) => name.startsWith("transship/shipped/app:")).length, 2);
  assert.equal(left.filter((name) => name.startsWith("127.0.0.1:")).length, 0);
  await machine.docker("image", "prune", "--force");
  assert.equal((await names(machine)).length, left.length);
});

engineTest("ship: what images of other names have is not foretold", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, server } = await sharing(engine);
  const big = randomLayer("big", 2_000_000);
  const shipNext = async (name: string) => {
    const layout = await layoutOf(context, { layers: [big, randomLayer("small", 100_000)] });
    return await shipping(machine, `oci:${layout}`, server, "--name", name);
  };
  assert.equal((await shipNext("kin:1")).exitCode, 0);
  for (const name of ["kin:2", "other/app:1"]) {
    const { first, stderr } = await shipNext(name);
    const { missing, layersSent, bytesSent = 0, bytesPredicted = 0 } = first ?? {};
    assert.deepEqual([missing?.length, layersSent], [1, 1], `${name}: ${stderr}`);
    assert.ok(bytesSent - bytesPredicted >= 0 && bytesSent - bytesPredicted < 2_000, stderr);
  }
});

engineTest("ship: one of two platforms, from an index", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, ship } = await sharing(engine);
  const architectures = ["arm64", "amd64"];
  const layout = await layoutOf(context, { layers: [randomLayer("data", 50_000)], architectures });
  const one = await ship(layout);
  assert.equal(one.exitCode, 0, one.stderr);
  assert.equal(await machine.docker("run", "--rm", "app:1"), "x86_64");
  const two = await ship(layout);
  assert.equal(two.first?.outcome, "present", two.stderr);
});

engineTest("ship: where the server forwards no port it is loaded", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, ship } = await dock(engine, context, { settings: ["AllowTcpForwarding no"] });
  const big = randomLayer("big", 2_000_000);
  const first = await layoutOf(context, { layers: [big, randomLayer("small", 100_000)] });
  const second = await layoutOf(context, { layers: [big, randomLayer("small", 100_000)] });
  const one = await ship(first);
  assert.equal(one.exitCode, 0, one.stderr);
  assert.equal(one.first?.via, "load");
  assert.match(one.stderr, /by load \(its ssh server forwards no port\)/);
  const two = await ship(second);
  assert.equal(two.exitCode, 0, two.stderr);
  assert.equal(await machine.docker("run", "--rm", "app:1"), "x86_64");
  const isClassic = engine.imageStore === "classic";
  assert.equal(two.first?.layersSent, isClassic ? 1 : 3);
  const refused = await ship(first, "--via", "pull");
  assert.equal(refused.error?.code, "SHIP_NO_TUNNEL");
});

engineTest("ship: an engine's own image, packed once", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, server } = await sharing(engine);
  const image = `ship-own-${engine.name}:1`;
  const layers = { probe: { content: program("amd64") }, ...randomLayer("big", 3_000_000) };
  const flags = ["--platform", "linux/amd64", "--change", 'ENTRYPOINT ["/probe"]'];
  await execa("docker", ["import", ...flags, "-", image], { input: await tarOf(layers) });
  context.after(async () => void (await docker("image", "rm", "--force", image)));
  const store = path.join(await directory(context), "store");
  const again = async () => await shipping(machine, image, server, "--store", store, "--verbose");
  const one = await again();
  assert.equal(one.exitCode, 0, one.stderr);
  assert.match(one.stderr, /docker saves it to be read/);
  assert.equal(one.first?.layersSent, 1);
  assert.equal(await machine.docker("run", "--rm", image), "x86_64");
  const two = await again();
  assert.equal(two.first?.outcome, "present", two.stderr);
  assert.doesNotMatch(two.stderr, /docker saves it to be read/);
});

/** What any user of the server sees: who listens on its loopback, and with which words docker was called. */
async function seenByOthers(machine: BareMachine) {
  const ports = await machine.loopbackPorts();
  const { stdout: processes } = await execa("ps", ["-eo", "args"]);
  const pulls = [...processes.matchAll(/pull .*127\.0\.0\.1:(\d+)\/(\S+)@(\S+)/g)];
  const own = pulls.find(([, port]) => ports.has(Number(port)));
  const [, port = "", repository = "", digest = ""] = own ?? [];
  return { port: Number(port), repository, digest };
}

/** What the port there answers to GET of those paths. */
async function statuses(machine: BareMachine, port: number, paths: readonly string[]) {
  const asks = `const ask = async (path) => (await fetch("http://127.0.0.1:${port}" + path)).status;
console.log((await Promise.all(${JSON.stringify(paths)}.map(ask))).join("\\n"))`;
  const said = await machine.run(process.execPath, "--input-type=module", "-e", asks);
  return said.split("\n").map(Number);
}

/** The flags of an x86-64-v2 (x86-64 psABI). */
const olderProcessor =
  "flags\t\t: fpu cx8 cmov mmx fxsr sse sse2 syscall pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm\n";

engineTest("ship: several servers, each by itself", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, server } = await sharing(engine);
  const older = await dock(engine, context, { cpuinfo: olderProcessor });
  const layout = await layoutOf(context, { layers: [randomLayer("x", 1_000)], variant: "v3" });
  const refused = await older.ship(layout);
  assert.equal(refused.exitCode, 1);
  assert.equal(refused.error?.code, "SHIP_REFUTED", refused.stderr);
  assert.match(refused.error?.message ?? "", /Illegal instruction .*amd64\/v3.*x86-64-v2/);

  // Both are known to ssh: the one by the other's configuration is not.
  const several = await shipping(
    machine,
    `oci:${layout}`,
    server,
    older.server,
    "--name",
    "app:v3",
  );
  assert.equal(several.exitCode, 4, several.stderr);
  assert.deepEqual(several.outcomes, ["shipped", "failed"]);
  assert.match(several.stderr, /Nothing was shipped to .*SSH_HOST_KEY_UNKNOWN/);
});

engineTest("ship: strangers at the port get nothing and are told", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const wire = await wireTo(bay.machine.address, context);
  await bay.machine.server.trustHostKey(`[127.0.0.1]:${wire.port}`);
  const layout = await layoutOf(context, { layers: [randomLayer("data", 3_000_000)] });
  wire.holdAfter(1_000_000);
  const running = bay.ship(layout, `ssh://root@127.0.0.1:${wire.port}`);
  await until(async () => wire.sent() >= 1_000_000);
  const { port, repository, digest } = await seenByOthers(bay.machine);
  // What a list of processes shows is not enough, and what is only guessed is not there.
  const paths = [`/v2/${repository}/manifests/${digest}`, "/v2/other/manifests/latest"];
  const asking = statuses(bay.machine, port, paths);
  // The answers come when the wire lets them through; asked they must be before the pull has ended.
  await sleep(1_500);
  wire.release();
  assert.deepEqual(await asking, [401, 404]);
  const done = await running;
  assert.equal(done.exitCode, 0, done.stderr);
  assert.equal(done.first?.foreignRequests, 1);
  assert.match(done.stderr, /asked for other paths/);
});

engineTest("ship: what would not run there is not sent", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { machine, ship } = await sharing(engine);
  const before = await names(machine);
  const riscv = await layoutOf(context, { layers: [], architectures: ["riscv64"] });
  const wrong = await ship(riscv);
  assert.equal(wrong.exitCode, 1);
  assert.equal(wrong.error?.code, "SHIP_PLATFORM_WRONG");
  assert.match(wrong.error?.message ?? "", /linux\/riscv64.*exec format error/);
  assert.deepEqual(await names(machine), before);
});
