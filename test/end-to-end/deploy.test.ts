/** `transship deploy` and its kin on a real engine behind a real sshd. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { startLoad } from "../load/load.ts";
import { app, sharedBerth, statuses, verdictsIn } from "./berth.ts";
import { engineTest } from "./engine.ts";

const berthOf = sharedBerth({ after });

engineTest("deploy: the first release, the next one, and back", async (engine) => {
  const { deploy, verb, answer, containers, machine } = await berthOf(engine);
  const first = await deploy({ release: "v1" });
  assert.equal(first.exitCode, 0, first.stderr);
  assert.deepEqual(
    [first.outcome, first.first?.previous, first.first?.gapMs],
    ["deployed", null, null],
  );
  const passed = { "runtime-architecture": "pass", health: "pass", bake: "pass" };
  assert.deepEqual(statuses(first), passed);
  assert.equal(await answer(), "v1");

  const load = startLoad({ address: machine.address, port: 80, websockets: 0 });
  const second = await deploy({ release: "v2" });
  const { gap, turns } = await load.stop();
  assert.equal(second.exitCode, 0, second.stderr);
  assert.equal(second.first?.previous, "v1");
  assert.deepEqual(
    turns.map(({ release }) => release),
    ["v1", "v2"],
  );
  const [told, seen] = [second.first?.gapMs ?? 0, gap?.ms ?? 0];
  assert.ok(told > 0 && Math.abs(told - seen) < Math.max(200, 0.3 * seen), `${told} of ${seen} ms`);
  assert.deepEqual(await containers(), [`${app}-v1 exited`, `${app}-v2 running`]);

  const back = await verb("rollback");
  assert.equal(back.exitCode, 0, back.stderr);
  assert.deepEqual(
    [back.outcome, back.first?.release, back.first?.previous],
    ["deployed", "v1", "v2"],
  );
  assert.equal(await answer(), "v1");
  assert.deepEqual(await containers(), [`${app}-v1 running`, `${app}-v2 exited`]);
});

engineTest("deploy: a candidate that fails its gate never gets a request", async (engine) => {
  const { deploy, answer, containers, read, machine } = await berthOf(engine);
  await deploy({ release: "v1" });
  const load = startLoad({ address: machine.address, port: 80 });
  const cases = [
    [{ HEALTH: "500" }, /answered 500/],
    [{ HANG: "1" }, /answered nothing/],
    [{ EXIT_AFTER_MS: "1", EXIT_CODE: "3" }, /ended with exit code 3/],
  ] as const;
  for (const [env, reason] of cases) {
    const failed = await deploy({ release: "v2", env }, "--start-timeout", "3s", "--timeout", "2");
    assert.equal(failed.exitCode, 1, failed.stderr);
    assert.equal(failed.outcome, "failed");
    assert.match(failed.first?.reason ?? "", reason);
    assert.equal(failed.first?.serving, "v1");
  }
  const { failed, turns, websockets } = await load.stop();
  assert.equal(failed, 0);
  assert.deepEqual(
    turns.map(({ release }) => release),
    ["v1"],
  );
  assert.deepEqual(
    websockets.filter(({ closedBy }) => closedBy !== "load"),
    [],
  );
  assert.deepEqual(await containers(), [`${app}-v1 running`]);
  assert.match(await read("state"), /^serving=v1$/m);
  assert.equal(await answer(), "v1");
});

engineTest("deploy: one that fails in the watch is undone", async (engine) => {
  const { deploy, answer, containers, read } = await berthOf(engine);
  await deploy({ release: "v1" });
  const cases = [
    [{ HEALTH_AFTER_MS: "4000", HEALTH_THEN: "500" }, /answered 500/],
    [{ EXIT_AFTER_MS: "4000", EXIT_CODE: "3" }, /exit code 3|started again/],
    [{ MEMORY_MB: "64", MEMORY_AFTER_MS: "4000" }, /started again|out of memory/],
  ] as const;
  for (const [env, reason] of cases) {
    const memory = "MEMORY_MB" in env ? ["--", "--memory", "32m"] : [];
    const undone = await deploy({ release: "v2", env }, "--bake", "10s", ...memory);
    assert.equal(undone.exitCode, 6, undone.stderr);
    assert.equal(undone.outcome, "rolled-back");
    assert.match(undone.first?.reason ?? "", reason);
    assert.equal(undone.first?.serving, "v1");
    assert.ok((undone.first?.backMs ?? Infinity) < 2_500, `${undone.first?.backMs} ms`);
    assert.equal(await answer(), "v1");
    assert.deepEqual(await containers(), [`${app}-v1 running`]);
  }
  const verdicts = verdictsIn(await read("audit"));
  assert.deepEqual(verdicts, ["v1 deployed", ...cases.map(() => "v2 rolled-back")]);
});
