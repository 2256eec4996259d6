/** The whole watchdog in the shells that a server may have, with a stand-in for docker. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { operation as usual, testServer, type TestServer } from "../../../test/deploy/server.ts";
import { gone, shells, writtenPid } from "../../../test/process/shell.ts";
import { parseReleaseId } from "../names.ts";
import { type Operation, settingsOf } from "../operation.ts";
import { watchdogProgram } from "../watchdog.ts";

/** A server on which v1 serves, and v0 did before. */
async function serverWith(t: TestContext): Promise<TestServer> {
  const server = await testServer(t);
  await server.keep("v0");
  await server.keep("v1");
  await server.write("history", "v0\nv1\n");
  await server.write(
    "state",
    "phase=done\noperation=deploy-0\nverb=deploy\nrelease=v1\nverdict=deployed\nserving=v1\nprevious=v0\n",
  );
  await server.setContainer("shop-v0", "exited");
  await server.setContainer("shop-v1", "running");
  await server.write("watchdog", await watchdogProgram());
  return server;
}

interface Run extends Partial<Omit<Operation, "release">> {
  readonly words: string;
  /** None where only what is left of another is finished. */
  readonly release?: Operation["release"] | "none";
}

/** Its events without their times, the logs left out. */
async function watch(server: TestServer, { words, release = usual.release, ...changes }: Run) {
  const { release: _, ...rest } = { ...usual, ...changes };
  const operation: Operation = {
    ...rest,
    ...(release === undefined || release === "none" ? {} : { release }),
  };
  const at = `operations/${operation.id}`;
  await server.write(
    `${at}/settings`,
    settingsOf(operation).replace(/^recovery_seconds=.*/m, "recovery_seconds=1"),
  );
  const argv = [
    ...words.split(" "),
    path.join(server.place, "watchdog"),
    server.place,
    operation.id,
  ];
  const { exitCode, stderr } = await server.run(argv);
  assert.equal(stderr, "");
  const events = (await server.read(`${at}/events`)).split("\n").slice(0, -1);
  const told = events.map((line) => line.replace(/^\d+ /, "").trim());
  return { exitCode, told: told.filter((line) => !line.startsWith("log ")) };
}

async function stateOf(server: TestServer) {
  const lines = (await server.read("state")).split("\n").map((line) => line.split("="));
  const values = new Map(lines.map(([key = "", value = ""]) => [key, value]));
  return ["phase", "release", "verdict", "serving", "previous"]
    .map((key) => values.get(key))
    .join(" ");
}

const auditLine = z.object({ release: z.string(), verdict: z.string(), who: z.string() });
const audited = async (server: TestServer) =>
  (await server.read("audit").catch(() => ""))
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const { release, verdict, who } = auditLine.parse(JSON.parse(line));
      assert.equal(who, usual.who);
      return `${release} ${verdict}`;
    });

for (const { words, skip } of shells) {
  test(`${words}: from the first look to the verdict`, { skip }, async (t) => {
    const server = await serverWith(t);
    await server.keep("v2", {}, "operations/deploy-1/release");
    const { told, exitCode } = await watch(server, { words });
    assert.equal(exitCode, 0);
    const gap = told.find((line) => line.startsWith("switched"))?.split(" ")[1] ?? "";
    assert.match(gap, /^\d+$/);
    assert.deepEqual(told, [
      "phase preparing",
      "phase gating",
      "check runtime-architecture pass uname -m says x86_64",
      "check health pass /health answered 200, 1 times in a row",
      "phase switching v1",
      `switched ${gap}`,
      "phase baking 1",
      "check bake pass it stayed well for 1 s",
      "verdict deployed",
    ]);
    assert.equal(await stateOf(server), "done v2 deployed v2 v1");
    assert.equal(await server.read("history"), "v0\nv1\nv2\n");
    assert.deepEqual(await audited(server), ["v2 deployed"]);
    assert.deepEqual(await server.containers(), [
      "shop-v0 exited -",
      "shop-v1 exited no",
      "shop-v2 running unless-stopped",
    ]);
    assert.deepEqual((await readdir(server.place)).toSorted(), [
      "audit",
      "history",
      "operations",
      "releases",
      "state",
      "watchdog",
    ]);
  });

  test(
    `${words}: what fails its gate leaves nothing, and the old one runs on`,
    { skip },
    async (t) => {
      const server = await serverWith(t);
      await server.keep("v2", {}, "operations/deploy-1/release");
      await server.answer("500");
      const { told } = await watch(server, { words });
      const reason = "it was not well within 1 s: /health answered 500";
      assert.deepEqual(told.slice(-2), [`check health fail ${reason}`, `verdict failed ${reason}`]);
      assert.equal(await stateOf(server), "done v2 failed v1 v1");
      assert.deepEqual(await server.containers(), ["shop-v0 exited -", "shop-v1 running -"]);
      assert.deepEqual(await readdir(path.join(server.place, "releases")), ["v0", "v1"]);
    },
  );

  test(`${words}: where its state cannot be written nothing is switched`, { skip }, async (t) => {
    const server = await serverWith(t);
    await server.keep("v2", {}, "operations/deploy-1/release");
    const program = await server.read("watchdog");
    // As on a full disk, once the candidate is gated.
    const full =
      'dd() { text=$(cat; echo .); case $text in *phase=switching*) return 1 ;; esac; printf %s "${text%.}" > "${1#of=}"; }\n';
    await server.write("watchdog", full + program);
    const { told } = await watch(server, { words });
    assert.match(told.at(-1) ?? "", /^verdict failed its state cannot be written/);
    assert.deepEqual(await server.containers(), ["shop-v0 exited -", "shop-v1 running -"]);
  });

  test(
    `${words}: where the new one does not start the old one serves again`,
    { skip },
    async (t) => {
      const server = await serverWith(t);
      await server.keep("v2", { isSingleWriter: true }, "operations/deploy-1/release");
      await server.refuse("^start shop-v2$");
      const { told } = await watch(server, { words });
      const reason = "it cannot be started: Error: refused";
      assert.deepEqual(told, [
        "phase preparing",
        "phase gating",
        "phase switching v1",
        `phase undoing ${reason}`,
        `verdict rolled-back ${reason}`,
      ]);
      assert.equal(await stateOf(server), "done v2 rolled-back v1 v1");
      assert.deepEqual(await server.containers(), [
        "shop-v0 exited -",
        "shop-v1 running unless-stopped",
      ]);
    },
  );

  test(`${words}: where neither starts that is told`, { skip }, async (t) => {
    const server = await serverWith(t);
    await server.keep("v2", { isSingleWriter: true }, "operations/deploy-1/release");
    await server.refuse("^start shop-v");
    const { told } = await watch(server, { words });
    assert.match(
      told.at(-1) ?? "",
      /^verdict rollback-failed .*; and v1 could not be put back: it cannot be started/,
    );
    assert.equal(await stateOf(server), "done v2 rollback-failed  v1");
    assert.deepEqual(await audited(server), ["v2 rollback-failed"]);
  });

  test(
    `${words}: back to one that is kept, its container made again where it is gone`,
    { skip },
    async (t) => {
      const server = await serverWith(t);
      await server.run(["sh", "-c", "docker rm --force shop-v0"]);
      const { told } = await watch(server, {
        words,
        verb: "rollback",
        release: parseReleaseId("v0"),
      });
      assert.equal(told.at(-1), "verdict deployed");
      assert.equal(await stateOf(server), "done v0 deployed v0 v1");
      assert.equal(await server.read("history"), "v1\nv0\n");
      assert.deepEqual(await server.containers(), [
        "shop-v0 running unless-stopped",
        "shop-v1 exited no",
      ]);
    },
  );

  test(`${words}: one of which nothing is kept cannot be gone back to`, { skip }, async (t) => {
    const server = await serverWith(t);
    const { told } = await watch(server, {
      words,
      verb: "rollback",
      release: parseReleaseId("v9"),
    });
    assert.deepEqual(told, ["verdict failed nothing is kept of the release v9"]);
    const removed = (await server.calls()).filter(([verb]) => verb === "rm").flat();
    assert.ok(removed.includes("shop-v9-candidate"), removed.join(" "));
    assert.deepEqual(await audited(server), ["v9 failed"]);
  });

  test(
    `${words}: a release that is there already is not taken for another`,
    { skip },
    async (t) => {
      const server = await serverWith(t);
      await server.keep("v1", {}, "operations/deploy-1/release");
      const { told } = await watch(server, {
        words,
        release: parseReleaseId("v1"),
      });
      assert.deepEqual(told, ["verdict failed there is a release v1 already"]);
      assert.deepEqual(await server.containers(), ["shop-v0 exited -", "shop-v1 running -"]);
    },
  );

  test(`${words}: a hook that fails stops it, and its last words are told`, { skip }, async (t) => {
    const server = await serverWith(t);
    const beforeSwitch = { command: ["migrate"], seconds: 5 };
    await server.keep("v2", { beforeSwitch }, "operations/deploy-1/release");
    await server.refuse("^start --attach");
    const { told } = await watch(server, { words });
    assert.deepEqual(told.slice(-2), [
      "phase hook",
      "verdict failed the hook before-switch failed (exit code 1)",
    ]);
    assert.match(await server.read("operations/deploy-1/events"), / log Error: refused\n/);
    assert.deepEqual(await server.containers(), ["shop-v0 exited -", "shop-v1 running -"]);
  });

  /** What a watchdog that was killed has left, and what becomes of it: the outcome, and what serves. */
  const orphans = {
    preparing: ["failed", "v1"],
    gating: ["failed", "v1"],
    hook: ["failed", "v1"],
    switching: ["rolled-back", "v1"],
    undoing: ["rolled-back", "v1"],
    baking: ["deployed", "v2"],
  } as const;
  for (const [phase, [verdict, serving]] of Object.entries(orphans))
    test(
      `${words}: ended while it is ${phase}, it is ${verdict} by the next`,
      { skip },
      async (t) => {
        const server = await serverWith(t);
        await server.keep("v2");
        const isSwitched = phase === "baking" || phase === "undoing";
        await server.write(
          "state",
          `phase=${phase}\noperation=deploy-0\nverb=deploy\nrelease=v2\nverdict=\nserving=${phase === "baking" ? "v2" : "v1"}\nprevious=v1\ngap_ms=${isSwitched ? 840 : ""}\n`,
        );
        await server.setContainer("shop-v2", isSwitched ? "running" : "created");
        if (isSwitched || phase === "switching") await server.setContainer("shop-v1", "exited");
        await server.setContainer("shop-v2-candidate", "running");
        const { told } = await watch(server, {
          words,
          id: "recover-1",
          verb: "recover",
          release: "none",
        });
        assert.equal(told[0], `orphan v2 ${phase}`);
        assert.match(told.at(-1) ?? "", new RegExp(`^verdict ${verdict}`));
        assert.equal(await stateOf(server), `done v2 ${verdict} ${serving} v1`);
        assert.deepEqual(await audited(server), [`v2 ${verdict}`]);
        const running = (await server.containers()).filter((line) => line.includes(" running "));
        assert.deepEqual(
          running.map((line) => line.split(" ")[0]),
          [`shop-${serving}`],
        );
        if (phase === "baking") assert.match(await server.read("state"), /^gap_ms=840$/m);
      },
    );

  test(`${words}: of one that never began the one before is no verdict`, { skip }, async (t) => {
    const server = await serverWith(t);
    const { told } = await watch(server, { words, id: "recover-1", verb: "recover" });
    assert.deepEqual(told, ["verdict failed its watchdog was ended before it began"]);
    assert.equal(await stateOf(server), "done v1 deployed v1 v0");
    const { told: attached } = await watch(server, {
      words,
      id: "recover-2",
      verb: "recover",
      release: "none",
    });
    assert.deepEqual(attached, ["verdict deployed"]);
  });

  test(
    `${words}: whoever forces the lock ends the holder with all that it has begun`,
    { skip },
    async (t) => {
      const server = await serverWith(t);
      const file = path.join(server.place, "child");
      // Like a watchdog's: at the head of its own session, with a part of it apart.
      const holder = `. '${path.resolve("src/deploy/watchdog/process.sh")}'
printf '%s %s %s bob@mac\\n' "$$" "$(started $$)" "$(boot)" > '${server.place}/lock'
(sh -c 'echo $$ > "$1"; sleep 30' sh '${file}'; :); :`;
      const child = spawn("sh", ["-c", holder], { stdio: "ignore", detached: true });
      t.after(() => child.kill("SIGKILL"));
      const pid = await writtenPid(file);
      await server.keep("v2", {}, "operations/deploy-1/release");
      const state = await server.read("state");
      await server.write("state", state.replace("phase=done", "phase=gating"));
      const refused = await watch(server, { words, id: "deploy-2" });
      await server.write("state", state);
      assert.deepEqual([refused.exitCode, refused.told], [75, ["locked bob@mac"]]);
      const { told } = await watch(server, { words, isForced: true });
      assert.deepEqual([told[0], told.at(-1)], ["lock ended bob@mac", "verdict deployed"]);
      await gone(pid);
      assert.deepEqual(await audited(server), ["v2 deployed"]);
    },
  );
}
