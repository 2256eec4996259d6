/** The app of the deploy tests behaves as its environment says, in front of a load that sees it. */
import assert from "node:assert/strict";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { startLoad } from "../load/load.ts";
import { appHealthcheck, appLayout, appPort, appProgram } from "./app.ts";
import {
  type CleanUp,
  directory,
  docker,
  engineTest,
  type TestEngine,
  transship,
  until,
} from "./engine.ts";

type Variables = Readonly<Record<string, string>>;

engineTest("app: its pages", async (engine, context) => {
  const HOSTILE = "$(id) 'a' \"b\" \\ `c`\n<é>&";
  const { url, get } = await started(engine, context, { RELEASE: "r 1", HOSTILE, ERROR_PART: "0" });
  const root = await get("/");
  assert.deepEqual(
    [root.status, root.headers.get("x-release"), await root.text()],
    [200, "r 1", "r 1\n"],
  );
  const posted = await fetch(url, { method: "POST", body: "x".repeat(100_000) });
  assert.equal(posted.status, 200);
  assert.equal(await (await get("/env/HOSTILE")).json(), HOSTILE);
  assert.equal((await get("/env/NOBODY")).status, 404);
  assert.match(await (await get("/file?path=/proc/version")).text(), /^Linux/);
  assert.equal((await get("/file?path=/nowhere")).status, 404);
  assert.equal((await get("/nowhere")).status, 404);
  const before = performance.now();
  assert.equal((await get("/slow")).status, 200);
  assert.ok(performance.now() - before >= 499);
  assert.equal((await get("/api/healthchecker")).status, 200);
});

engineTest("app: its health, errors, start and end are as wished", async (engine, context) => {
  const at = performance.now();
  const [late, sick, hung, faulty, ending] = await Promise.all([
    started(engine, context, { START_MS: "300", HEALTH_AFTER_MS: "700", HEALTH_THEN: "503" }),
    started(engine, context, { HEALTH: "500" }),
    started(engine, context, { HANG: "1" }),
    started(engine, context, { ERROR_PART: "1" }),
    started(engine, context, { EXIT_AFTER_MS: "600", EXIT_CODE: "7", MEMORY_MB: "50" }),
  ]);
  assert.ok(performance.now() - at >= 300);
  assert.equal((await late.get("/api/healthchecker")).status, 200);
  assert.equal((await sick.get("/api/healthchecker")).status, 500);
  assert.equal((await sick.get("/")).status, 200);
  assert.equal((await faulty.get("/")).status, 500);
  assert.equal((await faulty.get("/api/healthchecker")).status, 200);
  await assert.rejects(hung.get("/api/healthchecker", 200), { name: "TimeoutError" });
  assert.equal((await hung.get("/")).status, 200);
  await until(async () => (await late.get("/api/healthchecker")).status === 503);
  assert.equal(await ending.ended, 7);
  assert.match(ending.said(), /took 50 MB/);
});

engineTest("app: at SIGTERM it answers what it has begun, and no more", async (engine, context) => {
  const [plain, draining, stubborn] = await Promise.all([
    started(engine, context, {}),
    started(engine, context, { DRAIN_MS: "400" }),
    started(engine, context, { ON_TERM: "ignore" }),
  ]);
  // Node's own client of websockets is another judge than the load's.
  const socket = new WebSocket(`ws://127.0.0.1:${plain.port}/ws`);
  await first(socket, "open");
  const closed = first(socket, "close");
  for (const text of ["short", "l".repeat(300), "very long ".repeat(7000)]) {
    socket.send(text);
    const event = await first(socket, "message");
    assert.ok(event instanceof MessageEvent && event.data === text);
  }
  const slow = plain.get("/slow");
  await sleep(100);
  for (const one of [plain, draining, stubborn]) one.terminate();
  await until(
    async () =>
      await plain.get("/").then(
        () => false,
        () => true,
      ),
  );
  assert.equal((await draining.get("/")).status, 200);
  assert.equal((await slow).status, 200);
  const close = await closed;
  assert.ok(close instanceof CloseEvent && close.code === 1001);
  assert.deepEqual([await plain.ended, await draining.ended], [0, 0]);
  assert.equal((await stubborn.get("/")).status, 200);
});

engineTest("app: its image runs, is healthy, and ends under a load", async (engine, context) => {
  const layout = await appLayout(context, engine, {
    release: "2",
    env: { WORDS: "of its own" },
    healthcheck: appHealthcheck,
  });
  const archive = path.join(await directory(context), "app.tar");
  const packed = await transship([
    "ship",
    `oci:${layout}`,
    "--name",
    "app-test:2",
    "--to",
    archive,
  ]);
  assert.equal(packed.exitCode, 0, packed.stderr);
  await docker("load", "--input", archive);
  context.after(async () => void (await docker("image", "rm", "--force", "app-test:2")));
  const id = await docker("run", "--detach", "app-test:2");
  context.after(async () => void (await docker("rm", "--force", id)));
  const inspected = async (format: string) => await docker("inspect", "--format", format, id);
  await until(async () => (await inspected("{{.State.Health.Status}}")) === "healthy");
  const address = await inspected("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
  assert.equal(await (await fetch(`http://${address}:${appPort}/env/WORDS`)).json(), "of its own");
  const load = startLoad({ address, port: appPort });
  await sleep(700);
  const stopping = load.now();
  await docker("stop", id);
  const result = await load.stop();
  assert.deepEqual(result.between(0, stopping).reasons, {});
  assert.ok(result.total > 200 && result.failed > 0, JSON.stringify(result.reasons));
  assert.deepEqual(
    result.releases.map(({ release }) => release),
    ["2"],
  );
  assert.equal(result.websockets.length, 3);
  for (const { closedBy, code, error, sent, echoed } of result.websockets) {
    assert.deepEqual([closedBy, code, error], ["server", 1001, undefined]);
    // One may have met the close on its way.
    assert.ok(sent - echoed <= 1, `${echoed} of ${sent}`);
  }
  assert.equal(await inspected("{{.State.ExitCode}}"), "0");

  const limits = ["--memory", "40m", "--memory-swap", "40m", "--env", "MEMORY_MB=200"];
  const greedy = await docker("run", "--detach", ...limits, "app-test:2");
  context.after(async () => void (await docker("rm", "--force", greedy)));
  await docker("wait", greedy);
  const killed = ["inspect", "--format", "{{.State.OOMKilled}} {{.State.ExitCode}}", greedy];
  assert.equal(await docker(...killed), "true 137");
});

async function first(socket: WebSocket, event: "open" | "message" | "close"): Promise<Event> {
  return await new Promise((resolve) => {
    socket.addEventListener(event, resolve, { once: true });
  });
}

/** The program, at a port of its own, ended with the test. */
async function started(engine: TestEngine, context: CleanUp, env: Variables) {
  const child = execa(await appProgram(engine), [], {
    env: { PORT: "0", ...env },
    reject: false,
    timeout: 60_000,
  });
  context.after(async () => {
    child.kill("SIGKILL");
    await child;
  });
  let words = "";
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      words += `${line}\n`;
      const [, found] = /^release .* listens on port (\d+)$/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    lines.on("close", () => reject(new Error(`it did not listen: ${words}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    port,
    url,
    said: () => words,
    ended: child.then(({ exitCode }) => exitCode),
    terminate: () => void child.kill("SIGTERM"),
    get: async (name: string, deadlineMs = 10_000) =>
      await fetch(`${url}${name}`, { signal: AbortSignal.timeout(deadlineMs) }),
  };
}
