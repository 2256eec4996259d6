/** `transship deploy` and its kin on a real engine behind a real sshd. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after } from "node:test";
import { startLoad } from "../load/load.ts";
import { appProgram } from "./app.ts";
import { app, sharedBerth, statuses, verdictsIn } from "./berth.ts";
import { directory, engineTest, engineTestOn, ensureBuilder, transship } from "./engine.ts";

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
  const { gap, releases } = await load.stop();
  assert.equal(second.exitCode, 0, second.stderr);
  assert.equal(second.first?.previous, "v1");
  assert.deepEqual(
    releases.map(({ release }) => release),
    ["v1", "v2"],
  );
  // How near the one is to the other is for the benchmark to say.
  assert.ok((second.first?.gapMs ?? 0) > 0 && (gap?.ms ?? 0) > 0);
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

engineTestOn(
  ["classic"],
  "deploy: a candidate that fails its gate never gets a request",
  async (engine) => {
    const { deploy, answer, containers, read, machine } = await berthOf(engine);
    await deploy({ release: "v1" });
    const load = startLoad({ address: machine.address, port: 80 });
    const cases = [
      [{ HEALTH: "500" }, /answered 500/],
      [{ HANG: "1" }, /answered nothing/],
      [{ EXIT_AFTER_MS: "1", EXIT_CODE: "3" }, /ended with exit code 3/],
    ] as const;
    for (const [env, reason] of cases) {
      const failed = await deploy(
        { release: "v2", env },
        "--start-timeout",
        "3s",
        "--timeout",
        "2",
      );
      assert.equal(failed.exitCode, 1, failed.stderr);
      assert.equal(failed.outcome, "failed");
      assert.match(failed.first?.reason ?? "", reason);
      assert.equal(failed.first?.serving, "v1");
    }
    const { failed, releases, websockets } = await load.stop();
    assert.equal(failed, 0);
    assert.deepEqual(
      releases.map(({ release }) => release),
      ["v1"],
    );
    assert.deepEqual(
      websockets.filter(({ closedBy }) => closedBy !== "load"),
      [],
    );
    assert.deepEqual(await containers(), [`${app}-v1 running`]);
    assert.match(await read("state"), /^serving=v1$/m);
    assert.equal(await answer(), "v1");
  },
);

engineTestOn(["classic"], "deploy: one that fails in the watch is undone", async (engine) => {
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
    assert.ok((undone.first?.backMs ?? Infinity) < 5_000, `${undone.first?.backMs} ms`);
    assert.equal(await answer(), "v1");
    assert.deepEqual(await containers(), [`${app}-v1 running`]);
  }
  const verdicts = verdictsIn(await read("audit"));
  assert.deepEqual(verdicts, ["v1 deployed", ...cases.map(() => "v2 rolled-back")]);
});

engineTestOn(
  ["classic"],
  "deploy: a project as its compose.yaml says, with a secret",
  async (engine, context) => {
    const { machine, server, answer, clear } = await berthOf(engine);
    await clear();
    await ensureBuilder(engine);
    const project = await directory(context, {
      "compose.yaml": `name: shop
services:
  web:
    build: .
    platform: linux/amd64
    ports: ["80:8080"]
    environment: ["RELEASE=\${VERSION}", "NOTE=two\\nlines"]
    secrets: [key]
    x-transship: { servers: [${server}], bake_time: 2s, deploy: { strategy: recreate } }
  db:
    image: postgres:17
secrets:
  key: { environment: SHOP_KEY }
`,
      Dockerfile: `FROM scratch\nCOPY --chmod=755 app /app\nEXPOSE 8080\nENTRYPOINT ["/app"]\n`,
      app: await readFile(await appProgram(engine)),
    });
    const env = { PATH: machine.path, VERSION: "v1", SHOP_KEY: "correct horse" };
    const ended = await transship(["deploy"], { cwd: project, env });
    assert.equal(ended.exitCode, 0, ended.stderr);
    assert.equal(await answer(), "v1");
    const asked = async (path: string) => {
      const response = await fetch(`http://${machine.address}${path}`);
      return (await response.text()).trimEnd();
    };
    assert.equal(await asked("/env/NOTE"), JSON.stringify("two\nlines"));
    assert.equal(await asked("/file?path=/run/secrets/key"), "correct horse");
    assert.doesNotMatch(`${ended.stdout}${ended.stderr}`, /correct horse/);
    const inspected = await machine.docker(
      "inspect",
      ...(await machine.docker("ps", "-q")).split("\n"),
    );
    assert.doesNotMatch(inspected, /correct horse/);
    const again = await transship(["deploy", "--no-build", "--json"], {
      cwd: project,
      env: { ...env, VERSION: "v2" },
    });
    assert.equal(again.exitCode, 0, again.stderr);
    assert.equal(await answer(), "v2");
    const removed = await transship(["remove", "--to", server, "--app", "shop-web", "--yes"], {
      env,
    });
    assert.equal(removed.exitCode, 0, removed.stderr);
  },
);
