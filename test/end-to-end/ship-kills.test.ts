/** What is interrupted or killed while an image is shipped, on either side: nothing listens on, nothing temporary stays, the next run goes on. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { execa } from "execa";
import { assertRuns, sharedDock } from "./dock.ts";
import { type CleanUp, engineTest, lastFirst, main, type TestEngine, until } from "./engine.ts";
import { assertNothingLeft, heldAt } from "./wire.ts";

const sharing = sharedDock({ after });

/** `transship ship`, when a part of the image has gone over the wire and no more does. */
async function underway(engine: TestEngine, context: CleanUp) {
  const bay = await sharing(engine);
  const start = (layout: string, address: string) => {
    const argv = [main, "ship", `oci:${layout}`, address, "--name", "app:1"];
    const env = { PATH: bay.machine.path };
    return execa(process.execPath, argv, { env, reject: false, timeout: 120_000 });
  };
  return { bay, ...(await heldAt(bay, context, start)) };
}

type Underway = Awaited<ReturnType<typeof underway>>;

async function assertGoesOn({ bay, wire, address, layout }: Underway): Promise<void> {
  // Until then the wire keeps that the connection has ended to itself.
  wire.release();
  await until(async () => (await bay.machine.loopbackPorts()).size === 0);
  const again = await bay.ship(layout, address);
  assert.equal(again.exitCode, 0, again.stderr);
  await assertRuns(bay);
  await assertNothingLeft(bay, wire);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  engineTest(`ship: it gets ${signal}`, async (engine, testContext) => {
    const started = await underway(engine, lastFirst(testContext));
    started.running.kill(signal);
    const ended = await started.running;
    const codes = { SIGINT: 130, SIGTERM: 143, SIGKILL: undefined };
    assert.equal(ended.exitCode, codes[signal], ended.stderr);
    await assertGoesOn(started);
  });
}

engineTest("ship: the server loses its power meanwhile", async (engine, testContext) => {
  const started = await underway(engine, lastFirst(testContext));
  await started.bay.machine.powerCycle();
  const ended = await started.running;
  assert.equal(ended.exitCode, 4, ended.stderr);
  // Its engine may end a moment before its ssh server.
  assert.match(ended.stderr, /error\[(?:SSH_LOST|SERVER_ENGINE_DOWN)\]/);
  await assertGoesOn(started);
});

engineTest("ship: the server's half of the connection is killed", async (engine, testContext) => {
  const started = await underway(engine, lastFirst(testContext));
  const { machine } = started.bay;
  const sessions = (await machine.processes()).filter(
    ({ words }) => /^sshd(?:-session)?: /.test(words) && !words.includes("[listener]"),
  );
  for (const { pid } of sessions) process.kill(pid, "SIGKILL");
  const ended = await started.running;
  assert.equal(ended.exitCode, 4, ended.stderr);
  assert.match(ended.stderr, /error\[SSH_LOST\]/);
  await assertGoesOn(started);
});
