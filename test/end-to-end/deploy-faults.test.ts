/**
 * What may befall a deploy: after each, one healthy release serves, the state says so, and the next deploy needs no hand. Each strategy is
 * tried on one of the image stores.
 */
import assert from "node:assert/strict";
import { after } from "node:test";
import { behindProxy, type Berth, sharedBerth, verdictsIn } from "./berth.ts";
import { engineTestOn, type TestEngine, until } from "./engine.ts";

const berthOf = sharedBerth({ after }, { isCleared: false });

let releases = 0;
/** The names of releases that were not there before: each test goes on where the one before it ended, so that its first deploy needs no hand. */
function names(): readonly [before: string, next: string] {
  releases += 2;
  return [`v${releases - 1}`, `v${releases}`];
}

/** Behind the proxy on containerd's image store, without one elsewhere. */
async function place(engine: TestEngine): Promise<Berth> {
  const base = await berthOf(engine);
  if (engine.name !== "containerd") return base;
  const flags = await behindProxy(engine);
  return {
    ...base,
    deploy: async (wishes, ...more) => await base.deploy(wishes, ...more, ...flags),
    begin: async (wishes, ...more) => await base.begin(wishes, ...more, ...flags),
  };
}

const both = ["classic", "containerd"] as const;

const phases = {
  gating: /candidate starts/,
  switching: /Switching from/,
  baking: /Watching it/,
} as const;

/** That one release serves, that all agree on which, and that the next deploy works. */
async function assertSound(berth: Berth, expected: string): Promise<void> {
  const { answer, read, containers } = berth;
  assert.equal(await answer(), expected);
  const state = await read("state");
  assert.match(state, new RegExp(`^serving=${expected}$`, "m"));
  assert.match(state, /^phase=done$/m);
  const running = (await containers()).filter((line) => line.endsWith(" running"));
  assert.deepEqual(running, [`app-${expected} running`]);
  assert.doesNotMatch((await containers()).join("\n"), /prober|candidate|hook/);
}

async function untilDone({ read }: Berth, release: string): Promise<void> {
  await until(async () => {
    const state = await read("state");
    const isDone = state.includes(`release=${release}\n`) && state.includes("phase=done\n");
    // The lock goes last.
    return isDone && (await read("lock").catch(() => "")) === "";
  });
}

for (const [phase, pattern] of Object.entries(phases)) {
  engineTestOn(["classic"], `deploy: the client is killed while it is ${phase}`, async (engine) => {
    const [berth, [v1, v2]] = [await place(engine), names()];
    assert.equal((await berth.deploy({ release: v1 })).exitCode, 0);
    const begun = await berth.begin({ release: v2, env: { START_MS: "500" } });
    await begun.said(pattern);
    begun.kill("SIGKILL");
    assert.equal(await begun.ended, undefined);
    await untilDone(berth, v2);
    const verdicts = verdictsIn(await berth.read("audit"));
    assert.deepEqual(verdicts.slice(-2), [`${v1} deployed`, `${v2} deployed`]);
    await assertSound(berth, v2);
  });

  engineTestOn(
    phase === "gating" ? ["classic"] : both,
    `deploy: the watchdog is killed while it is ${phase}`,
    async (engine) => {
      const [berth, [v1, v2]] = [await place(engine), names()];
      assert.equal((await berth.deploy({ release: v1 })).exitCode, 0);
      const begun = await berth.begin({ release: v2, env: { START_MS: "500" } }, "--bake", "4s");
      await begun.said(pattern);
      const [pid = ""] = (await berth.read("lock")).split(" ");
      process.kill(Number(pid), "SIGKILL");
      const ended = await begun.ended;
      // What has not passed its gate does not serve; what has is watched on.
      const [exitCode, serving] =
        { gating: [1, v1], switching: [6, v1], baking: [0, v2] }[phase] ?? [];
      assert.equal(ended?.exitCode, exitCode, ended?.stderr);
      assert.equal(ended?.first?.serving, serving);
      await assertSound(berth, `${serving}`);
    },
  );

  engineTestOn(
    phase === "switching" ? ["oldest", "containerd"] : ["containerd"],
    `deploy: the server starts anew while it is ${phase}`,
    async (engine) => {
      const [berth, [v1, v2]] = [await place(engine), names()];
      assert.equal((await berth.deploy({ release: v1 })).exitCode, 0);
      const begun = await berth.begin({ release: v2, env: { START_MS: "500" } }, "--bake", "4s");
      await begun.said(pattern);
      await berth.machine.powerCycle();
      // Before any program of ours runs there again.
      await until(async () => (await berth.answer()).startsWith("v"));
      const ended = await begun.ended;
      const [exitCode, serving] =
        { gating: [1, v1], switching: [6, v1], baking: [0, v2] }[phase] ?? [];
      assert.equal(ended?.exitCode, exitCode, ended?.stderr);
      await assertSound(berth, `${serving}`);
    },
  );
}

engineTestOn(["containerd"], "deploy: the engine starts anew during the watch", async (engine) => {
  const [berth, [v1, v2]] = [await place(engine), names()];
  assert.equal((await berth.deploy({ release: v1 })).exitCode, 0);
  const begun = await berth.begin({ release: v2 }, "--bake", "8s");
  await begun.said(phases.baking);
  await berth.machine.halt();
  await berth.machine.boot();
  const ended = await begun.ended;
  assert.equal(ended?.exitCode, 0, ended?.stderr);
  await assertSound(berth, v2);
});

engineTestOn(["oldest"], "deploy: two at once", async (engine) => {
  const [berth, [v1, v2]] = [await place(engine), names()];
  assert.equal((await berth.deploy({ release: v1 })).exitCode, 0);
  const begun = await berth.begin({ release: v2 }, "--bake", "6s");
  await begun.said(phases.baking);
  const refused = await berth.deploy({ release: `${v2}-too` });
  assert.deepEqual([refused.exitCode, refused.error?.code], [4, "DEPLOY_LOCKED"]);
  const ended = await begun.ended;
  assert.equal(ended?.exitCode, 0, ended?.stderr);
  await assertSound(berth, v2);
});

engineTestOn(
  ["classic"],
  "deploy: a stale lock, and the old release's container and image gone",
  async (engine) => {
    const [berth, [v1, v2]] = [await place(engine), names()];
    const { deploy, verb, machine } = berth;
    await deploy({ release: v1 });
    await deploy({ release: v2 });
    const home = `${machine.state}/transship/app`;
    await machine.run("sh", "-c", `echo "1 1 another-boot ann@mac" > ${home}/lock`);
    await machine.docker("rm", `app-${v1}`);
    const back = await verb("rollback");
    assert.equal(back.exitCode, 0, back.stderr);
    assert.match(back.stderr, /broken ann@mac/);
    assert.equal(await berth.answer(), v1);

    await machine.docker("rm", `app-${v2}`);
    const id = await machine.docker("image", "inspect", "--format", "{{.Id}}", `app:${v2}`);
    await machine.docker("image", "rm", "--force", id);
    const refused = await verb("rollback");
    assert.equal(refused.exitCode, 1, refused.stderr);
    await assertSound(berth, v1);
  },
);

engineTestOn(
  ["oldest"],
  "deploy: the ssh connection is cut while it is watched",
  async (engine) => {
    const [berth, [v1, v2]] = [await place(engine), names()];
    assert.equal((await berth.deploy({ release: v1 })).exitCode, 0);
    const begun = await berth.begin({ release: v2 }, "--bake", "6s");
    await begun.said(phases.baking);
    const sessions = (await berth.machine.processes()).filter(({ words }) =>
      words.startsWith("sshd: root@"),
    );
    assert.notEqual(sessions.length, 0);
    for (const { pid } of sessions) process.kill(pid, "SIGKILL");
    const ended = await begun.ended;
    assert.equal(ended?.exitCode, 0, ended?.stderr);
    assert.match(ended?.stderr ?? "", /connecting again/);
    await assertSound(berth, v2);
  },
);
