/** What may befall a deploy: after each, one healthy release serves, the state says so, and the next deploy needs no hand. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { type Berth, sharedBerth, verdictsIn } from "./berth.ts";
import { engineTest, until } from "./engine.ts";

const berthOf = sharedBerth({ after });

const phases = {
  gating: /candidate starts/,
  switching: /Switching from/,
  baking: /Watching it/,
} as const;

/** That one release serves, that all agree on which, and that the next deploy works. */
async function assertSound(place: Berth, expected: string): Promise<void> {
  const { answer, read, deploy, containers } = place;
  assert.equal(await answer(), expected);
  const state = await read("state");
  assert.match(state, new RegExp(`^serving=${expected}$`, "m"));
  assert.match(state, /^phase=done$/m);
  const running = (await containers()).filter((line) => line.endsWith(" running"));
  assert.deepEqual(running, [`app-${expected} running`]);
  const next = await deploy({ release: "next" });
  assert.equal(next.exitCode, 0, next.stderr);
  assert.equal(await answer(), "next");
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
  engineTest(`deploy: the client is killed while it is ${phase}`, async (engine) => {
    const place = await berthOf(engine);
    await place.deploy({ release: "v1" });
    const begun = await place.begin({ release: "v2", env: { START_MS: "500" } });
    await begun.said(pattern);
    begun.kill("SIGKILL");
    assert.equal(await begun.ended, undefined);
    await untilDone(place, "v2");
    assert.deepEqual(verdictsIn(await place.read("audit")), ["v1 deployed", "v2 deployed"]);
    await assertSound(place, "v2");
  });

  engineTest(`deploy: the watchdog is killed while it is ${phase}`, async (engine) => {
    const place = await berthOf(engine);
    await place.deploy({ release: "v1" });
    const begun = await place.begin({ release: "v2", env: { START_MS: "500" } }, "--bake", "4s");
    await begun.said(pattern);
    const [pid = ""] = (await place.read("lock")).split(" ");
    process.kill(Number(pid), "SIGKILL");
    const ended = await begun.ended;
    // What has not passed its gate does not serve; what has is watched on.
    const [exitCode, serving] =
      { gating: [1, "v1"], switching: [6, "v1"], baking: [0, "v2"] }[phase] ?? [];
    assert.equal(ended?.exitCode, exitCode, ended?.stderr);
    assert.equal(ended?.first?.serving, serving);
    await assertSound(place, `${serving}`);
  });

  engineTest(`deploy: the server starts anew while it is ${phase}`, async (engine) => {
    const place = await berthOf(engine);
    await place.deploy({ release: "v1" });
    const begun = await place.begin({ release: "v2", env: { START_MS: "500" } }, "--bake", "4s");
    await begun.said(pattern);
    await place.machine.powerCycle();
    // Before any program of ours runs there again.
    await until(async () => (await place.answer()).startsWith("v"));
    const ended = await begun.ended;
    const [exitCode, serving] =
      { gating: [1, "v1"], switching: [6, "v1"], baking: [0, "v2"] }[phase] ?? [];
    assert.equal(ended?.exitCode, exitCode, ended?.stderr);
    await assertSound(place, `${serving}`);
  });
}

engineTest("deploy: the engine starts anew during the watch", async (engine) => {
  const place = await berthOf(engine);
  await place.deploy({ release: "v1" });
  const begun = await place.begin({ release: "v2" }, "--bake", "8s");
  await begun.said(phases.baking);
  await place.machine.halt();
  await place.machine.boot();
  const ended = await begun.ended;
  assert.equal(ended?.exitCode, 0, ended?.stderr);
  await assertSound(place, "v2");
});

engineTest("deploy: two at once", async (engine) => {
  const place = await berthOf(engine);
  await place.deploy({ release: "v1" });
  const begun = await place.begin({ release: "v2" }, "--bake", "6s");
  await begun.said(phases.baking);
  const refused = await place.deploy({ release: "v3" });
  assert.deepEqual([refused.exitCode, refused.error?.code], [4, "DEPLOY_LOCKED"]);
  const ended = await begun.ended;
  assert.equal(ended?.exitCode, 0, ended?.stderr);
  await assertSound(place, "v2");
});

engineTest(
  "deploy: a stale lock, and the old release's container and image gone",
  async (engine) => {
    const place = await berthOf(engine);
    const { deploy, verb, machine } = place;
    await deploy({ release: "v1" });
    await deploy({ release: "v2" });
    const home = `"$HOME/.local/state/transship/app"`;
    await machine.run("sh", "-c", `echo "1 1 another-boot ann@mac" > ${home}/lock`);
    await machine.docker("rm", "app-v1");
    const back = await verb("rollback");
    assert.equal(back.exitCode, 0, back.stderr);
    assert.match(back.stderr, /broken ann@mac/);
    assert.equal(await place.answer(), "v1");

    await machine.docker("rm", "app-v2");
    const id = await machine.docker("image", "inspect", "--format", "{{.Id}}", "app:v2");
    await machine.docker("image", "rm", "--force", id);
    const refused = await verb("rollback");
    assert.equal(refused.exitCode, 1, refused.stderr);
    await assertSound(place, "v1");
  },
);
