import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { readContainer, readProcesses, runArgs } from "./containers.ts";

const wanted = {
  image: "app:1",
  name: "tested",
  runId: "r1",
  platform: parsePlatform("linux/arm64"),
  env: ["A=1"],
};

test("a container is labelled with its run, of a named platform, and never pulled", () => {
  const publish = { address: "127.0.0.1", host: 0, container: 8080 };
  assert.equal(
    runArgs({ ...wanted, publish }).join(" "),
    "run --detach --name tested --label dev.transship.run=r1 --platform linux/arm64 --pull never --publish 127.0.0.1::8080 --env A=1 app:1",
  );
  assert.ok(
    runArgs({ ...wanted, publish: { ...publish, host: 80 } }).includes("127.0.0.1:80:8080"),
  );
  assert.ok(!runArgs(wanted).includes("--publish"));
});

test("a container's state, ports and gateway are read", () => {
  const json = JSON.stringify({
    Id: "c1",
    RestartCount: 2,
    State: { Status: "exited", Running: false, OOMKilled: true, Pid: 0, ExitCode: 137, Error: "" },
    NetworkSettings: {
      Ports: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "32768" }], "9/udp": null },
      Networks: { none: { Gateway: "" }, bridge: { Gateway: "172.17.0.1" } },
    },
  });
  assert.deepEqual(readContainer(json), {
    id: "c1",
    status: "exited",
    isRunning: false,
    isOutOfMemory: true,
    pid: 0,
    exitCode: 137,
    error: "",
    restarts: 2,
    ports: { "8080/tcp": 32_768 },
    gateway: "172.17.0.1",
  });
});

test("processes are read from the columns that were asked for, and from the usual ones", () => {
  const chosen =
    "PID   STAT   COMMAND\n7     Ss     /bin/app --flag x\n9     Z      [app] <defunct>\n";
  assert.deepEqual(readProcesses(chosen), [
    { pid: 7, state: "Ss", command: "/bin/app --flag x" },
    { pid: 9, state: "Z", command: "[app] <defunct>" },
  ]);
  const usual = "UID PID PPID C STIME TTY TIME CMD\nnobody 7 1 0 03:11 ? 00:00:00 /bin/app x\n";
  assert.deepEqual(readProcesses(usual), [{ pid: 7, state: "", command: "/bin/app x" }]);
});
