/** `transship deploy` behind the proxy, under load: no request fails. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { type ClientRequest, get as plainly, type IncomingMessage } from "node:http";
import { get as securely, type RequestOptions } from "node:https";
import { after } from "node:test";
import { startLoad } from "../load/load.ts";
import { app, behindProxy, sharedBerth, statuses } from "./berth.ts";
import { certificates } from "./certificates.ts";
import { engineTestOn } from "./engine.ts";

const berthOf = sharedBerth({ after });

engineTestOn(
  ["containerd"],
  "deploy: behind the proxy, the next release and back, no request fails",
  async (engine) => {
    const { deploy, verb, answer, containers, machine } = await berthOf(engine);
    const proxy = await behindProxy(engine);
    const first = await deploy({ release: "v1" }, ...proxy);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.equal(await answer(), "v1");

    const load = startLoad({ address: machine.address, port: 80 });
    const second = await deploy(
      { release: "v2" },
      ...proxy,
      "--bake",
      "5s",
      "--drain-timeout",
      "4s",
    );
    assert.equal(second.exitCode, 0, second.stderr);
    const passed = { "runtime-architecture": "pass", health: "pass", bake: "pass" };
    assert.deepEqual(statuses(second), passed);
    assert.deepEqual(await containers(), [`${app}-v1 exited`, `${app}-v2 running`]);

    const back = await verb("rollback");
    assert.equal(back.exitCode, 0, back.stderr);
    const { failed, reasons, releases, requests, websockets } = await load.stop();
    assert.deepEqual([failed, reasons], [0, {}]);
    assert.deepEqual(
      releases.map(({ release }) => release),
      ["v1", "v2"],
    );
    assert.equal(requests.at(-1)?.release, "v1");
    assert.deepEqual(await containers(), [`${app}-v1 running`, `${app}-v2 exited`]);
    for (const { closedBy, closedAt } of websockets)
      assert.ok(closedBy === "load" || closedAt > 4_000, `closed after ${closedAt} ms`);
  },
);

engineTestOn(
  ["containerd"],
  "deploy: behind the proxy, what fails in the watch is undone without a gap",
  async (engine) => {
    const { deploy, answer, containers, machine } = await berthOf(engine);
    const proxy = await behindProxy(engine);
    await deploy({ release: "v1" }, ...proxy);
    const load = startLoad({ address: machine.address, port: 80, websockets: 0 });
    const bad = await deploy(
      { release: "v2", env: { HEALTH: "500" } },
      ...proxy,
      "--start-timeout",
      "3s",
    );
    assert.equal(bad.exitCode, 1, bad.stderr);
    const env = { HEALTH_AFTER_MS: "5000", HEALTH_THEN: "500" };
    const undone = await deploy({ release: "v3", env }, ...proxy, "--bake", "15s");
    assert.equal(undone.exitCode, 6, undone.stderr);
    assert.ok((undone.first?.backMs ?? Infinity) < 5_000, `${undone.first?.backMs} ms`);
    const failing = await deploy(
      { release: "v4", env: { ERROR_PART: "0.5" } },
      ...proxy,
      "--bake",
      "15s",
    );
    assert.equal(failing.exitCode, 6, failing.stderr);
    assert.match(failing.first?.reason ?? "", /requests failed at the proxy/);
    const { releases } = await load.stop();
    assert.equal(await answer(), "v1");
    assert.deepEqual(
      releases.map(({ release }) => release),
      ["v1", "v3", "v4"],
    );
    assert.deepEqual(await containers(), [`${app}-v1 running`]);
  },
);

engineTestOn(
  ["containerd"],
  "deploy: the proxy speaks TLS for the app's hosts, and takes a renewed certificate",
  async (engine, context) => {
    const { deploy, machine } = await berthOf(engine);
    const proxy = await behindProxy(engine);
    const host = "app.example.org";
    const [first, second] = [
      await certificates(context, `DNS:${host}`),
      await certificates(context, `DNS:${host}`),
    ];
    const named = (files: string) => [
      "--host",
      host,
      "--tls-certificate",
      `${files}/server.pem`,
      "--tls-key",
      `${files}/server.key`,
    ];
    for (const [release, files] of [
      ["v1", first],
      ["v2", second],
    ] as const) {
      const ended = await deploy({ release }, ...proxy, ...named(files));
      assert.equal(ended.exitCode, 0, ended.stderr);
      assert.doesNotMatch(`${ended.stdout}${ended.stderr}`, /PRIVATE KEY/);
      const ca = await readFile(`${files}/ca.pem`, "utf8");
      const options = { host: machine.address, servername: host, ca, headers: { host } };
      const { headers } = await asked(securely, options);
      assert.equal(headers["x-release"], release);
    }
    const plain = await asked(plainly, { host: machine.address, path: "/a?b", headers: { host } });
    assert.deepEqual([plain.statusCode, plain.headers.location], [308, `https://${host}/a?b`]);
    const stranger = await deploy(
      { release: "v3" },
      ...proxy,
      ...named(second).with(1, "other.example.org"),
    );
    assert.deepEqual([stranger.exitCode, stranger.error?.code], [2, "CERTIFICATE_INVALID"]);
  },
);

type Ask = (options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ClientRequest;

/** On a connection of its own. */
async function asked(ask: Ask, options: RequestOptions): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  ask({ ...options, agent: false }, (answer) => resolve(answer.resume())).on("error", reject);
  return await promise;
}
