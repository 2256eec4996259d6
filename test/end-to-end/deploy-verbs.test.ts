/** The life of a release after its deploy, and what runs before its switch. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { appHealthcheck } from "./app.ts";
import { app, sharedBerth, statuses } from "./berth.ts";
import { engineTestOn, transship } from "./engine.ts";

const berthOf = sharedBerth({ after });

engineTestOn(["oldest"], "deploy: status, releases, logs, exec and prune", async (engine) => {
  const { deploy, verb, machine, server, containers } = await berthOf(engine);
  for (const release of ["v1", "v2", "v3"]) {
    const ended = await deploy({ release }, "--bake", "1s");
    assert.equal(ended.exitCode, 0, ended.stderr);
  }
  const said = async (name: string, ...words: readonly string[]) => {
    const end = words.includes("--") ? words.indexOf("--") : words.length;
    const flags = ["--to", server, "--app", app, ...words.slice(0, end)];
    return await transship([name, ...flags, ...words.slice(end)], {
      env: { PATH: machine.path },
    });
  };
  const well = await said("status");
  assert.equal(well.exitCode, 0, well.stderr);
  assert.match(well.stdout, /✓ .* v3 \(app:v3\): Up .*, its health path answers 200/);
  assert.match(well.stdout, /kept: v1, v2/);
  const releases = await said("releases");
  assert.match(releases.stdout, /v1 {2}app:v1[^]*v2 {2}app:v2[^]*✓ v3 {2}app:v3/);
  const logs = await said("logs", "--tail", "5");
  assert.match(logs.stdout, /^release v3 listens on port 8080$/m);
  const old = await said("logs", "--release", "v1");
  assert.match(old.stdout, /^release v1 listens on port 8080$/m);
  const ran = await said("exec", "--", "/app", "health");
  assert.equal(ran.exitCode, 0, ran.stderr);
  const failed = await said("exec", "--", "/none");
  assert.equal(failed.exitCode, 1);
  const pruned = await said("prune", "--keep", "2");
  assert.match(pruned.stdout, /removed release v1, container app-v1/);
  assert.deepEqual(await containers(), [`${app}-v2 exited`, `${app}-v3 running`]);
  const unknown = await verb("rollback", "v1");
  assert.deepEqual([unknown.exitCode, unknown.error?.code], [2, "RELEASE_UNKNOWN"]);

  await machine.docker("stop", `${app}-v3`);
  const ill = await said("status");
  assert.equal(ill.exitCode, 1);
  assert.match(ill.stdout, /✗ .* v3 .*Exited/);
});

engineTestOn(
  ["oldest"],
  "deploy: the image's own health check, and a hook before the switch",
  async (engine) => {
    const { deploy, verb, answer, containers } = await berthOf(engine);
    const checked = await deploy({ release: "v1", healthcheck: appHealthcheck });
    assert.equal(checked.exitCode, 0, checked.stderr);
    assert.equal(statuses(checked)["healthcheck"], "pass");
    // It runs as the image's own user in the image's own files, which have no shell.
    const refused = await deploy({ release: "v2" }, "--before-switch", "true");
    assert.equal(refused.exitCode, 1, refused.stderr);
    assert.match(refused.first?.reason ?? "", /hook before-switch failed/);
    assert.equal(await answer(), "v1");
    assert.deepEqual(await containers(), [`${app}-v1 running`]);
    const again = await verb("deploy", "--attach");
    assert.deepEqual(
      [again.exitCode, again.first?.outcome, again.first?.serving],
      [1, "failed", "v1"],
    );
  },
);
