import assert from "node:assert/strict";
import { test } from "node:test";
import { operation } from "../../test/deploy/server.ts";
import { isFailure } from "../errors.ts";
import type { Ran, RemoteShell } from "../process/remote-shell.ts";
import type { ReportEvent } from "../process/report.ts";
import type { Server } from "../server/server.ts";
import { type Event, parseEvent } from "./event.ts";
import { followOperation, startOperation, tellEvent } from "./run-operation.ts";

const eventsOf = (...lines: readonly string[]) => lines.flatMap((line) => parseEvent(line) ?? []);

/** A server whose shell says that, whatever it is asked. */
function serverWith(ran: Partial<Ran>) {
  const scripts: string[] = [];
  const shell: RemoteShell = {
    async run(script, { onLine }) {
      scripts.push(script);
      const { stdout = "", stderr = "", exitCode = 0 } = ran;
      for (const line of stdout.split("\n").slice(0, -1)) onLine?.(line);
      return await Promise.resolve({ exitCode, stdout, stderr });
    },
    forwardedPort: () => undefined,
    close: async () => await Promise.resolve(),
  };
  const server: Server = { target: { host: "vps" }, name: "vps", shell };
  return { server, scripts };
}

async function follow(ran: Partial<Ran>, events: Event[] = []) {
  const { server, scripts } = serverWith(ran);
  const heard: string[] = [];
  const { app, id } = operation;
  const end = await followOperation(server, {
    app,
    operation: id,
    deadlineMs: 1_000,
    events,
    onEvent: ({ kind }) => heard.push(kind),
  });
  return { ...end, heard, scripts };
}

test("it is followed to its verdict", async () => {
  const stdout =
    "1 phase gating\nwhat is no event\n2 switched 840\n3 verdict rolled-back it said no\n";
  const events: Event[] = [];
  const { verdict, reason, gapMs, heard } = await follow({ stdout }, events);
  assert.deepEqual([verdict, reason, gapMs], ["rolled-back", "it said no", 840]);
  assert.deepEqual(heard, ["phase", "switched", "verdict"]);
  assert.equal(events.length, 3);
});

test("what was heard before is not asked for again, and a verdict among it is one", async () => {
  const before = eventsOf("1 phase gating", "2 verdict deployed ");
  const { verdict, heard, scripts } = await follow({ stdout: "ended\n" }, [...before]);
  assert.deepEqual([verdict, heard], ["deployed", []]);
  assert.match(scripts[0] ?? "", /"\$n" -lt 2 &&/);
});

test("somebody else is at work", async () => {
  await assert.rejects(
    follow({ stdout: "1 locked ann@mac\n" }),
    (error) => isFailure(error, "DEPLOY_LOCKED") && error.message.includes("ann@mac"),
  );
});

test("it ended without a verdict: its last words, or that it has none", async () => {
  for (const [stderr, words] of [
    ["sh: 1: Cannot fork\nout of memory\n", /out of memory/],
    ["", /killed, or the server started anew/],
  ] as const)
    await assert.rejects(follow({ stdout: "1 phase gating\nended\n", stderr }), (error) => {
      assert.ok(isFailure(error, "WATCHDOG_LOST"));
      assert.match(error.message, words);
      return true;
    });
});

test("it cannot be started", async () => {
  const { server } = serverWith({ exitCode: 2, stderr: "mkdir: cannot create: No space left\n" });
  await assert.rejects(
    startOperation(server, operation, undefined),
    (error) => isFailure(error, "WATCHDOG_LOST") && /No space left/.test(error.message),
  );
  await startOperation(serverWith({}).server, operation, undefined);
});

/** What people are told of each event. */
const told: Readonly<Record<string, ReportEvent | undefined>> = {
  "1 phase preparing": undefined,
  "1 phase gating": {
    kind: "note",
    text: "web1: The candidate starts.",
  },
  "1 phase hook": { kind: "note", text: "web1: Running the hook before the switch." },
  "1 phase switching": { kind: "note", text: "web1: Giving it the traffic." },
  "1 phase switching v1": { kind: "note", text: "web1: Switching from v1." },
  "1 phase baking 30": { kind: "note", text: "web1: Watching it for 30 s." },
  "1 phase undoing no": { kind: "note", text: "web1: Going back: no" },
  "1 switched 840": {
    kind: "note",
    text: "web1: It has the traffic; for 840 ms nobody answered.",
  },
  "1 switched ": { kind: "note", text: "web1: It has the traffic." },
  "1 check health pass fine": { kind: "note", text: "web1: health: fine" },
  "1 lock broken ann@mac": { kind: "warning", text: "web1: The lock: broken ann@mac" },
  "1 engine away": {
    kind: "note",
    text: "web1: The engine does not answer; waiting for it.",
  },
  "1 engine back": { kind: "note", text: "web1: The engine is back." },
  "1 orphan v1 gating": {
    kind: "warning",
    text: "web1: An earlier deploy was left without a verdict: v1 gating",
  },
  "1 log   at main.js:12": { kind: "note", text: "web1: |   at main.js:12" },
  "1 verdict deployed ": undefined,
};
for (const [line, expected] of Object.entries(told))
  test(`told: ${JSON.stringify(line.slice(2))}`, () => {
    const reports: ReportEvent[] = [];
    for (const event of eventsOf(line))
      tellEvent(event, "web1: ", { report: (one) => reports.push(one) });
    assert.deepEqual(reports, expected === undefined ? [] : [expected]);
  });
