import assert from "node:assert/strict";
import { test } from "node:test";
import { unsaid } from "../../test/deploy/flags.ts";
import { plainRun, type RunArguments } from "../deploy/run-arguments.ts";
import { isFailure } from "../errors.ts";
import type { DeployFlags } from "./commands/deploy.ts";
import { runWith, type SaidSettings, sharedOptions } from "./deploy-flags.ts";

const nothing = { environment: {}, options: [] };
const run = (flags: Partial<DeployFlags>, said: RunArguments = plainRun) =>
  runWith(said, { ...unsaid, ...flags }, nothing);
const shared = (flags: Partial<DeployFlags>, said: SaidSettings = {}) =>
  sharedOptions({ ...unsaid, ...flags }, said, plainRun);
const wishes = (flags: Partial<DeployFlags>, said: SaidSettings = {}) => shared(flags, said).wishes;

function refused(work: () => unknown, words: RegExp): void {
  assert.throws(work, (error) => {
    assert.ok(isFailure(error, "USAGE"), String(error));
    assert.match(error.message, words);
    return true;
  });
}

const ports = {
  "80:8080": { host: 80, container: 8080, protocol: "tcp" },
  "127.0.0.1:80:8080": { address: "127.0.0.1", host: 80, container: 8080, protocol: "tcp" },
  "[::1]:80:8080/TCP": { address: "::1", host: 80, container: 8080, protocol: "tcp" },
  "53:5353/udp": { host: 53, container: 5353, protocol: "udp" },
};
for (const [text, port] of Object.entries(ports))
  test(`--publish ${text}`, () => assert.deepEqual(run({ publish: [text] }).publish, [port]));

for (const text of [
  "80",
  "",
  ":80",
  "80:",
  "a:b",
  "0:80",
  "80:65536",
  "80-90:80-90",
  "80:80/sctp",
  "localhost:80:80",
  "::1:80:80",
  "80:80:80:80",
  "80:80\n",
])
  test(`--publish ${JSON.stringify(text)} is none`, () => {
    refused(() => run({ publish: [text] }), /--publish/);
  });

for (const restart of ["no", "always", "unless-stopped", "on-failure", "on-failure:3"])
  test(`--restart ${restart}`, () => assert.equal(run({ restart }).restart, restart));

for (const restart of [
  "",
  "never",
  "on-failure:",
  "on-failure:-1",
  "on-failure:a",
  "always; reboot",
])
  test(`--restart ${JSON.stringify(restart)} is none`, () => {
    refused(
      () => run({ restart }),
      /--restart is one of unless-stopped, always, no, on-failure\[:N\], and ".*" is none/,
    );
  });

test("ports and the restart policy of flags take the place of a file's, lists are added to its", () => {
  const said: RunArguments = {
    ...plainRun,
    publish: [{ host: 80, container: 80, protocol: "tcp" }],
    restart: "always",
    environment: { A: "file", B: "file" },
    volumes: ["a:/a"],
    networks: [{ name: "back", aliases: ["web"] }],
    options: ["--memory", "1g"],
    command: ["serve"],
  };
  assert.deepEqual(runWith(said, unsaid, nothing), said);
  const flags = {
    ...unsaid,
    publish: ["81:80"],
    restart: "no",
    volume: ["b:/b"],
    network: ["front"],
  };
  assert.deepEqual(runWith(said, flags, { environment: { B: "flag" }, options: ["--cpus", "1"] }), {
    ...said,
    publish: [{ host: 81, container: 80, protocol: "tcp" }],
    restart: "no",
    environment: { A: "file", B: "flag" },
    volumes: ["a:/a", "b:/b"],
    networks: [
      { name: "back", aliases: ["web"] },
      { name: "front", aliases: [] },
    ],
    options: ["--memory", "1g", "--cpus", "1"],
  });
});

test("what nobody says", () => {
  const { wishes: wished, keep, isForced, dryRun, ...rest } = shared({});
  assert.deepEqual([keep, isForced, dryRun, "release" in rest], [3, false, false, false]);
  assert.deepEqual(wished, {
    run: plainRun,
    health: { path: "/api/healthchecker", host: "localhost", seconds: 10 },
    goodAnswers: 3,
    startSeconds: 60,
    bakeSeconds: 30,
    isSingleWriter: false,
    hosts: [],
    drainSeconds: 30,
  });
});

const said: SaidSettings = {
  port: 8080,
  healthPath: "/health",
  healthHost: "shop.example.org",
  goodAnswers: 5,
  startTimeoutMs: 1_500,
  bakeMs: 120_000,
  beforeSwitch: { command: ["migrate"], timeoutMs: 5_000 },
  isSingleWriter: true,
  releasesToKeep: 9,
  strategy: "recreate",
};

test("what a file says, its spans in whole seconds", () => {
  const { keep, wishes: wished } = shared({}, said);
  assert.equal(keep, 9);
  assert.deepEqual(wished, {
    run: plainRun,
    port: 8080,
    health: { path: "/health", host: "shop.example.org", seconds: 10 },
    goodAnswers: 5,
    startSeconds: 2,
    bakeSeconds: 120,
    isSingleWriter: true,
    hosts: [],
    drainSeconds: 30,
    beforeSwitch: { command: ["migrate"], seconds: 5 },
    strategy: "recreate",
  });
});

test("flags go before it", () => {
  const flags = {
    healthPort: "81",
    healthPath: "/",
    healthHost: "*",
    timeout: 255,
    answers: "1",
    startTimeout: "2m",
    bake: "0s",
    beforeSwitch: "bin/migrate && true",
    hookTimeout: "1h",
    keep: "2",
    release: "v1",
    forceUnlock: true,
  };
  const { keep, wishes: wished, release, isForced } = shared(flags, said);
  assert.deepEqual([keep, release, isForced], [2, "v1", true]);
  assert.deepEqual(wished, {
    run: plainRun,
    port: 81,
    health: { path: "/", host: "*", seconds: 255 },
    goodAnswers: 1,
    startSeconds: 120,
    bakeSeconds: 0,
    isSingleWriter: true,
    hosts: [],
    drainSeconds: 30,
    beforeSwitch: { command: ["/bin/sh", "-c", "bin/migrate && true"], seconds: 3_600 },
    strategy: "recreate",
  });
});

test("the proxy's image, where somebody names one", () => {
  const named = { proxyImage: "haproxy:lts" };
  assert.equal(wishes({}, named).proxyImage, "haproxy:lts");
  assert.equal(wishes({ proxyImage: "mine:1" }, named).proxyImage, "mine:1");
});

test("hosts are in lower case, each once; those of flags take the place of a file's", () => {
  const hosts = ["Shop.Example.org", "shop.example.org", "*.Example.org"];
  const wanted = ["shop.example.org", "*.example.org"];
  assert.deepEqual(wishes({}, { hosts }).hosts, wanted);
  assert.deepEqual(wishes({ host: hosts }, { hosts: ["a"] }).hosts, wanted);
  refused(() => wishes({}, { hosts: ["a..b"] }), /"a\.\.b" is no host name/);
});

test("the longest drain", () => {
  assert.equal(wishes({ drainTimeout: "24h" }).drainSeconds, 86_400);
});

test("where no HTTP is spoken no path is asked", () => {
  assert.ok(!("health" in wishes({ health: false }, said)));
});

const wrongs: readonly (readonly [Partial<DeployFlags>, RegExp])[] = [
  [{ healthPath: "health" }, /--health-path "health" is no path/],
  [{ healthPath: "/a b" }, /--health-path/],
  [{ healthPath: "/\r\nX: y" }, /--health-path "\/\\r\\nX: y" is no path/],
  [{ healthHost: "a\r\nX: y" }, /--health-host/],
  [{ healthHost: "" }, /--health-host/],
  [{ healthPort: "0" }, /--health-port "0" is no port/],
  [{ timeout: 256 }, /--timeout 256 is too long: 255 s at most/],
  [{ timeout: 0 }, /--timeout "0" is no number/],
  [{ timeout: 1.5 }, /--timeout "1\.5" is no number/],
  [{ answers: "0" }, /--answers "0" is no number/],
  [{ answers: "many" }, /--answers "many" is no number/],
  [{ keep: "0" }, /--keep "0" is no number/],
  [{ bake: "30" }, /--bake/],
  [{ startTimeout: "soon" }, /--start-timeout/],
  [{ host: ["shop_1.example.org"] }, /--host "shop_1\.example\.org" is no host name/],
  [{ host: ["shop.example.org", "http://shop"] }, /--host "http:\/\/shop" is no host name/],
  [{ host: [""] }, /--host "" is no host name/],
  [{ drainTimeout: "86401s" }, /--drain-timeout is too long with 86401 s: 24 h at most/],
  [{ beforeSwitch: "true", hookTimeout: "-1s" }, /--hook-timeout/],
  [{ strategy: "teleport" }, /--strategy is one of proxy, recreate, and "teleport" is none/],
];
for (const [flags, words] of wrongs)
  test(`refused: ${JSON.stringify(flags)}`, () => refused(() => shared(flags), words));
