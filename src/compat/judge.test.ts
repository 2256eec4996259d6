/** What each category makes of what was seen. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { checkIds, verdictOf } from "./check.ts";
import { judgeHealth } from "./health.ts";
import type { HttpAnswer } from "./http.ts";
import { judgeMachine } from "./machine.ts";
import { judgeNetwork } from "./network.ts";
import { judgeProcesses } from "./processes.ts";
import { judgeResources, readUsage } from "./resources.ts";

const answer = (status: number, location?: string): HttpAnswer => ({
  kind: "answer",
  status,
  body: "",
  ...(location === undefined ? {} : { location }),
});

const uname = (machine: string | undefined, reason = "") => ({
  machine,
  by: "uname" as const,
  reason,
});

const file = (text: string) => ({ bytes: Buffer.from(text), errno: 0 });

const all = (status: "pass" | "fail" | "skip") =>
  checkIds.map((id) => ({ id, status, detail: "", ms: 0 }));

void describe("health", () => {
  const request = { healthPath: "/api/healthchecker", timeoutMs: 10_000 };
  const cases: readonly (readonly [HttpAnswer, HttpAnswer | undefined, string, RegExp])[] = [
    [answer(200), answer(200), "pass", /answered 200; \/health answered 200$/],
    [answer(200), answer(404), "pass", /\/health answered 404/],
    [answer(200), undefined, "pass", /answered 200$/],
    [answer(200), answer(500), "fail", /\/health answered 500/],
    [answer(200), answer(302, "/login"), "fail", /302 to \/login \(redirects are not followed\)/],
    [answer(200), { kind: "silent" }, "pass", /\/health did not answer within 10 s/],
    [{ kind: "silent" }, answer(200), "fail", /did not answer within 10 s/],
    [answer(204), answer(200), "fail", /answered 204/],
    [answer(302, "/"), answer(200), "fail", /answered 302 to \//],
    [answer(404), answer(404), "fail", /--health-path PATH, or none: --no-health$/],
    [answer(503), answer(404), "fail", /answered 503/],
    [
      { kind: "refused", reason: "ECONNRESET" },
      answer(200),
      "fail",
      /did not answer \(ECONNRESET\)/,
    ],
    [{ kind: "not-http", reason: "Parse Error" }, undefined, "fail", /not HTTP/],
  ];
  for (const [main, second, status, detail] of cases) {
    void it(`${JSON.stringify(main)} and ${JSON.stringify(second)} ${status}`, () => {
      const outcome = judgeHealth(request, main, second);
      assert.equal(outcome.status, status);
      assert.match(outcome.detail, detail);
    });
  }
});

void describe("runtime architecture", () => {
  const [amd64, arm64] = ["linux/amd64", "linux/arm64"].map(parsePlatform);
  assert.ok(amd64 && arm64);
  const seen = {
    platform: arm64,
    engine: amd64,
    isEmulated: true,
    emulator: "qemu-aarch64-static",
    processes: [],
  };

  void it("passes where uname says the platform's machine, and names the emulator", () => {
    assert.deepEqual(judgeMachine(uname("aarch64"), seen), {
      status: "pass",
      detail: "uname -m says aarch64, emulated by qemu-aarch64-static",
    });
  });

  void it("fails where uname says another machine", () => {
    const { status, detail } = judgeMachine(uname("x86_64"), seen);
    assert.equal(status, "fail");
    assert.match(detail, /says x86_64, not aarch64 as on linux\/arm64/);
  });

  void it("fails where the image's own program is emulated, and its platform is not", () => {
    const command = "/usr/libexec/qemu-binfmt/aarch64-binfmt-P /app /app";
    const native = { ...seen, platform: amd64, isEmulated: false, emulator: undefined };
    const { status, detail } = judgeMachine(uname("x86_64"), {
      ...native,
      processes: [{ pid: 1, state: "S", command }],
    });
    assert.equal(status, "fail");
    assert.match(detail, /made for another machine than linux\/amd64/);
  });

  void it("is skipped where nothing could be asked, and fails where the probe did not run", () => {
    assert.equal(judgeMachine(uname(undefined), seen).status, "skip");
    assert.equal(judgeMachine(uname(undefined, "exec format error"), seen).status, "fail");
  });
});

void describe("process execution", () => {
  const state = {
    id: "c",
    status: "running",
    isRunning: true,
    isOutOfMemory: false,
    pid: 7,
    exitCode: 0,
    error: "",
    restarts: 0,
    ports: {},
  };

  void it("names PID 1's program, also behind an emulator", () => {
    const emulated = {
      pid: 7,
      state: "Ssl",
      command: "/usr/bin/qemu-aarch64-static /usr/bin/tini /usr/bin/tini --",
    };
    const { status, detail } = judgeProcesses(state, [emulated]);
    assert.equal(status, "pass");
    assert.equal(detail, "PID 1 is /usr/bin/tini, 1 process, 0 restarts, 0 zombies");
  });

  void it("counts zombies, and fails for an end, a restart or too little memory", () => {
    assert.match(
      judgeProcesses(state, [{ pid: 9, state: "Z", command: "[x] <defunct>" }]).detail,
      /1 zombie$/,
    );
    assert.equal(judgeProcesses({ ...state, isRunning: false, exitCode: 3 }, []).status, "fail");
    assert.equal(judgeProcesses({ ...state, restarts: 1 }, []).status, "fail");
    assert.equal(judgeProcesses({ ...state, isOutOfMemory: true }, []).status, "fail");
  });
});

void describe("network", () => {
  const reached = { outcome: "reached", text: "reached" } as const;
  const unreached = { outcome: "unreached", text: "not reached" } as const;
  const untried = { outcome: "untried", text: "not tried" } as const;

  void it("needs the gateway and the name server, where these can be tried", () => {
    const port = "port 8080 answers";
    assert.equal(judgeNetwork({ port, gateway: reached, resolver: reached }).status, "pass");
    assert.equal(judgeNetwork({ port, gateway: reached, resolver: unreached }).status, "fail");
    assert.equal(judgeNetwork({ port, gateway: reached, resolver: untried }).status, "pass");
    assert.equal(judgeNetwork({ port, gateway: unreached, resolver: reached }).status, "fail");
    assert.equal(
      judgeNetwork({ port: undefined, gateway: untried, resolver: untried }).status,
      "skip",
    );
  });
});

void describe("resources", () => {
  const missing = { bytes: new Uint8Array(), errno: 2 };

  void it("are read from control groups of version 2", () => {
    const usage = readUsage(
      new Map([
        ["/sys/fs/cgroup/memory.current", file("1048576\n")],
        ["/sys/fs/cgroup/memory.max", file("max\n")],
        ["/sys/fs/cgroup/pids.current", file("3\n")],
        ["/sys/fs/cgroup/cpu.stat", file("usage_usec 12000\nuser_usec 1\n")],
      ]),
    );
    assert.deepEqual(usage, { memory: 1_048_576, processes: 3, processorMs: 12 });
    assert.equal(judgeResources(usage).detail, "memory 1.0 MiB (no limit), 12 ms of CPU, 3 PIDs");
  });

  void it("are read from control groups of version 1", () => {
    const usage = readUsage(
      new Map([
        ["/sys/fs/cgroup/memory.current", missing],
        ["/sys/fs/cgroup/memory/memory.usage_in_bytes", file("2097152\n")],
        ["/sys/fs/cgroup/memory/memory.limit_in_bytes", file("9223372036854771712\n")],
        ["/sys/fs/cgroup/pids/pids.current", file("3\n")],
        ["/sys/fs/cgroup/cpuacct/cpuacct.usage", file("5000000\n")],
      ]),
    );
    assert.deepEqual(usage, { memory: 2_097_152, processes: 3, processorMs: 5 });
  });

  void it("fail where the memory is all but used up, and are skipped where nothing can be read", () => {
    assert.equal(judgeResources({ memory: 99, limit: 100 }).status, "fail");
    assert.equal(judgeResources(readUsage(new Map())).status, "skip");
  });
});

void describe("the verdict", () => {
  void it("is failed for one failure, and a skip is none", () => {
    assert.equal(verdictOf(all("pass")), "passed");
    assert.equal(verdictOf([...all("pass").slice(1), ...all("skip").slice(0, 1)]), "passed");
    assert.equal(verdictOf([...all("pass").slice(1), ...all("fail").slice(0, 1)]), "failed");
  });
});
