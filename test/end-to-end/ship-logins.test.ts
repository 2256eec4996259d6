/** Who logs in, and what becomes of it: through sudo, over a master, and logins that come to nothing. */
import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { freshLayout, layoutOf } from "./cargo.ts";
import { assertRuns, dock } from "./dock.ts";
import { directory, engineTest, lastFirst, onceEach } from "./engine.ts";

engineTest("ship: a login that has docker through sudo alone", async (engine, testContext) => {
  if (engine.name !== "classic") return testContext.skip("one engine is enough for sudo");
  const context = lastFirst(testContext);
  const name = "transship-guest";
  const sudoers = `Defaults env_keep += "DOCKER_HOST"\n${name} ALL=(root) NOPASSWD: ALL\n`;
  const bay = await dock(engine, context, { user: { name, sudoers } });
  const guest = bay.server.replace(/^.*@/, `${name}@`);
  const layout = await freshLayout(context);
  const shipped = await bay.ship(layout, guest);
  assert.equal(shipped.exitCode, 0, shipped.stderr);
  assert.match(shipped.stderr, /\$ ssh .* sudo -n docker pull/);
  await assertRuns(bay);
});

engineTest("ship: over a master where no other login is let in", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const bay = await dock(engine, context);
  const { machine, server } = bay;
  const socket = path.join(await directory(context), "master");
  const env = { PATH: machine.path };
  await execa("ssh", ["-o", `ControlPath=${socket}`, "-M", "-N", "-f", server], { env });
  context.after(async () => {
    await execa("ssh", ["-o", `ControlPath=${socket}`, "-O", "exit", server], { env });
  });
  await machine.server.configureClient([`ControlPath ${socket}`]);
  await machine.server.letNobodyIn();
  const layout = await freshLayout(context);
  const shipped = await bay.ship(layout);
  assert.equal(shipped.exitCode, 0, shipped.stderr);
  assert.equal(shipped.first?.via, "load");
  assert.match(shipped.stderr, /\(ControlMaster\)/);
  await assertRuns(bay);
});

engineTest("ship: logins that come to nothing", async (engine, testContext) => {
  if (engine.name === "oldest") return testContext.skip(onceEach);
  const context = lastFirst(testContext);
  const user = { name: "transship-guest" };
  const bay = await dock(engine, context, { user });
  const layout = await layoutOf(context, { layers: [] });
  const address = bay.server.replace(/^.*@/, "");
  const denied = await bay.ship(layout, `${user.name}@${address}`);
  assert.equal(denied.error?.code, "SERVER_DOCKER_DENIED", denied.stderr);
  const stranger = await bay.ship(layout, `nobody-at-all@${address}`);
  assert.equal(stranger.error?.code, "SSH_DENIED", stranger.stderr);
  const key = path.join(bay.machine.server.client, "..", "login");
  const secure = async (from: string, to: string) =>
    await execa("ssh-keygen", ["-q", "-p", "-P", from, "-N", to, "-f", key]);
  await secure("", "a passphrase");
  const locked = await bay.ship(layout);
  assert.equal(locked.error?.code, "SSH_PASSPHRASE", locked.stderr);
  await secure("a passphrase", "");
  await bay.machine.server.renewHostKey();
  const changed = await bay.ship(layout);
  assert.equal(changed.error?.code, "SSH_HOST_KEY_CHANGED", changed.stderr);
  await bay.machine.server.trustHostKey();
  await bay.machine.halt();
  const down = await bay.ship(layout);
  assert.equal(down.error?.code, "SERVER_ENGINE_DOWN", down.stderr);
  await bay.machine.boot();
  assert.equal((await bay.ship(layout)).exitCode, 0);
});
