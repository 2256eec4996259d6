/** What goes wrong while an image is shipped: a clear error, nothing lost, nothing left, and the next run succeeds. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { rm } from "node:fs/promises";
import { after } from "node:test";
import { gatherParts } from "../../src/oci/parts.ts";
import { openLayout } from "../../src/store/layout.ts";
import { freshBytes, freshLayout, layoutOf, randomLayer } from "./cargo.ts";
import { assertRuns, type Dock, dock, names, sharedDock } from "./dock.ts";
import { type CleanUp, engineTest, lastFirst, onceEach, until } from "./engine.ts";
import { assertNothingLeft, behindWire, heldAt, isTemporary, killSsh } from "./wire.ts";

const all = freshBytes;

const sharing = sharedDock({ after });

engineTest("ship: the wire is cut at any byte", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const { wire, address } = await behindWire(bay, context);
  let layout = "";
  for (let n = 0; n < 10; n += 1) {
    const place = randomInt(all);
    layout = await freshLayout(context);
    wire.cutAfter(place);
    const broken = await bay.ship(layout, address);
    assert.equal(broken.exitCode, 4, `cut at ${place}: ${broken.stderr}`);
    assert.match(broken.error?.code ?? "", /^SSH_(?:LOST|UNREACHABLE)$/);
    await assertNothingLeft(bay, wire);
  }
  wire.release();
  const whole = await bay.ship(layout, address);
  assert.equal(whole.exitCode, 0, whole.stderr);
  await assertRuns(bay);
});

engineTest("ship: the second run sends only what is missing", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const { wire, address } = await behindWire(bay, context);
  const layers = [1, 2, 3].map((n) => randomLayer(`file${n}`, 20_000_000));
  const layout = await layoutOf(context, { layers });
  wire.holdAfter(50_000_000);
  const running = bay.ship(layout, address);
  await until(async () => wire.sent() >= 50_000_000);
  // The classic image store keeps a layer once an image of it is there.
  if (engine.imageStore === "classic")
    await until(async () => (await names(bay.machine)).some(isTemporary));
  wire.cut();
  const broken = await running;
  assert.equal(broken.error?.code, "SSH_LOST", broken.stderr);
  wire.release();
  const second = await bay.ship(layout, address);
  assert.equal(second.exitCode, 0, second.stderr);
  assert.ok((second.first?.bytesSent ?? 0) <= 40_100_000, String(second.first?.bytesSent));
  await assertRuns(bay);
  await assertNothingLeft(bay, wire);
});

engineTest("ship: ssh is killed", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const { wire, address, layout, running } = await heldAt(bay, context, bay.ship);
  await killSsh(wire);
  const killed = await running;
  assert.equal(killed.error?.code, "SSH_LOST", killed.stderr);
  wire.release();
  await assertNothingLeft(bay, wire);
  assert.equal((await bay.ship(layout, address)).exitCode, 0);
  await assertRuns(bay);
});

engineTest("ship: every port of the server is taken", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const release = await takePorts(bay, context);
  const loaded = await bay.ship(await freshLayout(context));
  assert.equal(loaded.exitCode, 0, loaded.stderr);
  assert.equal(loaded.first?.via, "load");
  assert.match(loaded.stderr, /by load \(its ssh server forwards no port\)/);
  await assertRuns(bay);
  const refused = await bay.ship(await freshLayout(context), "--via", "pull");
  assert.equal(refused.error?.code, "SHIP_NO_TUNNEL", refused.stderr);
  await release();
  const pulled = await bay.ship(await freshLayout(context), "--via", "pull");
  assert.equal(pulled.first?.via, "pull", pulled.stderr);
});

/** Leaves the server one port to choose from, and listens there. @returns what undoes it */
async function takePorts({ machine }: Dock, context: CleanUp) {
  const range = "/proc/sys/net/ipv4/ip_local_port_range";
  const before = await machine.run("cat", range);
  const choose = async (ports: string) =>
    void (await machine.run("sh", "-c", `echo ${ports} > ${range}`));
  const listen = `require("node:net").createServer().listen(40000, () => console.log("listening"))`;
  const end = await machine.listen(listen, context);
  const release = async () => {
    await end();
    await choose(before.replaceAll("\t", " "));
  };
  context.after(release);
  await choose("40000 40000");
  return release;
}

engineTest("ship: the wire dies without a word", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const { wire, address, layout, running } = await heldAt(bay, context, bay.ship);
  wire.die();
  wire.release();
  await killSsh(wire);
  const lost = await running;
  assert.equal(lost.error?.code, "SSH_LOST", lost.stderr);
  // The server has heard nothing of it: there the first pull goes on, and nothing comes any more.
  const second = await bay.ship(layout, address);
  assert.equal(second.exitCode, 0, second.stderr);
  await assertRuns(bay);
});

engineTest("ship: the server's engine is restarted meanwhile", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const { wire, address, layout, running } = await heldAt(bay, context, bay.ship);
  await bay.machine.halt();
  wire.release();
  const failed = await running;
  await bay.machine.boot();
  assert.equal(failed.exitCode, 4, failed.stderr);
  assert.equal(failed.error?.code, "SERVER_ENGINE_DOWN", failed.stderr);
  await assertNothingLeft(bay, wire);
  assert.equal((await bay.ship(layout, address)).exitCode, 0);
  await assertRuns(bay);
});

engineTest("ship: a layer is deleted from the store meanwhile", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const bay = await sharing(engine);
  const { wire, address } = await behindWire(bay, context);
  const layout = await freshLayout(context);
  const opened = await openLayout(layout);
  const [entry] = await opened.names();
  assert.ok(entry !== undefined);
  const { blobs } = await gatherParts(opened, entry.descriptor);
  // Held before the engine has asked for any layer.
  wire.holdAfter(8_000);
  const running = bay.ship(layout, address);
  await until(async () => wire.sent() >= 8_000);
  const [lost] = blobs.toSorted((one, other) => other.size - one.size);
  assert.ok(lost !== undefined);
  await rm(opened.path(lost.digest));
  wire.release();
  const failed = await running;
  assert.equal(failed.error?.code, "STORE_BLOB_MISSING", failed.stderr);
  await assertNothingLeft(bay, wire);
  const other = await freshLayout(context);
  assert.equal((await bay.ship(other, address)).exitCode, 0);
  await assertRuns(bay);
});

engineTest("ship: the disk of the server's engine is full", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const bay = await dock(engine, context, { disk: 48_000_000 });
  // Of 80 MB of zeros little is sent: that they do not fit is seen when they are unpacked.
  const zeros = { zeros: { content: new Uint8Array(80_000_000) } };
  const layout = await layoutOf(context, { layers: [zeros] });
  const full = await bay.ship(layout);
  assert.equal(full.exitCode, 4, full.stderr);
  assert.equal(full.error?.code, "SERVER_DISK_FULL", full.stderr);
  assert.deepEqual(await names(bay.machine), []);
  // What cannot fit is not even sent.
  const large = await layoutOf(context, { layers: [randomLayer("data", 30_000_000)] });
  const refused = await bay.ship(large);
  assert.equal(refused.error?.code, "SHIP_PREFLIGHT", refused.stderr);
  const small = await layoutOf(context, { layers: [randomLayer("data", 1_000_000)] });
  assert.equal((await bay.ship(small)).exitCode, 0);
  await assertRuns(bay);
});
