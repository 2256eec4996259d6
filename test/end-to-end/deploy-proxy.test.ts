/** `transship deploy` behind the proxy, under load: no request fails. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { startLoad } from "../load/load.ts";
import { app, behindProxy, sharedBerth, statuses } from "./berth.ts";
import { engineTest } from "./engine.ts";

const berthOf = sharedBerth({ after });

engineTest(
  "deploy: behind the proxy, the next release and back, no request fails",
  async (engine) => {
    const { deploy, verb, answer, containers, machine } = await berthOf(engine);
    const proxy = await behindProxy(engine);
    const first = await deploy({ release: "v1" }, ...proxy);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.equal(await answer(), "v1");

    const load = startLoad({ address: machine.address, port: 80 });
    const second = await deploy(
      { release: "v2" },
      ...proxy,
      "--bake",
      "5s",
      "--drain-timeout",
      "4s",
    );
    assert.equal(second.exitCode, 0, second.stderr);
    const passed = { "runtime-architecture": "pass", health: "pass", bake: "pass" };
    assert.deepEqual(statuses(second), passed);
    assert.deepEqual(await containers(), [`${app}-v1 exited`, `${app}-v2 running`]);

    const back = await verb("rollback");
    assert.equal(back.exitCode, 0, back.stderr);
    const { failed, reasons, turns, websockets } = await load.stop();
    assert.deepEqual([failed, reasons], [0, {}]);
    assert.deepEqual(
      turns.map(({ release }) => release),
      ["v1", "v2", "v1"],
    );
    assert.deepEqual(await containers(), [`${app}-v1 running`, `${app}-v2 exited`]);
    for (const { closedBy, closedAt } of websockets)
      assert.ok(closedBy === "load" || closedAt > 4_000, `closed after ${closedAt} ms`);
  },
);

engineTest(
  "deploy: behind the proxy, what fails in the watch is undone without a gap",
  async (engine) => {
    const { deploy, answer, containers, machine } = await berthOf(engine);
    const proxy = await behindProxy(engine);
    await deploy({ release: "v1" }, ...proxy);
    const load = startLoad({ address: machine.address, port: 80, websockets: 0 });
    const bad = await deploy(
      { release: "v2", env: { HEALTH: "500" } },
      ...proxy,
      "--start-timeout",
      "3s",
    );
    assert.equal(bad.exitCode, 1, bad.stderr);
    const env = { HEALTH_AFTER_MS: "5000", HEALTH_THEN: "500" };
    const undone = await deploy({ release: "v3", env }, ...proxy, "--bake", "15s");
    assert.equal(undone.exitCode, 6, undone.stderr);
    assert.ok((undone.first?.backMs ?? Infinity) < 2_000, `${undone.first?.backMs} ms`);
    const failing = await deploy(
      { release: "v4", env: { ERROR_PART: "0.5" } },
      ...proxy,
      "--bake",
      "15s",
    );
    assert.equal(failing.exitCode, 6, failing.stderr);
    assert.match(failing.first?.reason ?? "", /requests failed at the proxy/);
    const { turns } = await load.stop();
    assert.equal(await answer(), "v1");
    assert.deepEqual(
      turns.map(({ release }) => release),
      ["v1", "v3", "v1", "v4", "v1"],
    );
    assert.deepEqual(await containers(), [`${app}-v1 running`]);
  },
);
