/** The proxy of a server in a real engine, under load: what is switched, stopped, killed and added, and that no client sees it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { ensureProxyImage } from "../../provision/haproxy.ts";
import { createSite } from "../../provision/site.ts";
import { ask, type LoadResult, openTunnel, startLoad } from "../deploy/load.ts";
import { configurationOf, containerOf, type Proxied, proxied } from "../deploy/proxied.ts";
import { bringServiceImage, serviceArguments } from "../deploy/service.ts";
import { shells } from "../process/shell.ts";
import { certificates } from "./certificates.ts";
import { engineTest, lastFirst, type TestEngine, until } from "./engine.ts";

const port = 7_080;
const perSecond = 300;
const place = { address: "127.0.0.1", port, host: "shop.example.org" };

/** A proxy that has no app yet. */
async function freshProxy(engine: TestEngine, t: TestContext, name: string) {
  const signal = new AbortController().signal;
  const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
  const image = await ensureProxyImage(site);
  await bringServiceImage();
  const context = lastFirst(t);
  const proxy = `transship-proxy-${engine.name}-${name}`;
  return { context, name: proxy, ...proxied({ t, context, proxy, image, port }) };
}

/** One with the app `shop`, whose release r0 serves in blue. */
async function withShop(engine: TestEngine, t: TestContext, name: string) {
  const proxy = await freshProxy(engine, t, name);
  const shop = await proxy.network("shop");
  const configured = await proxy.configure(configurationOf({ ...shop, hosts: [place.host] }));
  assert.deepEqual(configured, { exitCode: 0, stdout: "", stderr: "" });
  await proxy.start();
  await proxy.run(`join_proxy ${shop.network}`);
  assert.equal(await proxy.serving(shop), "");
  await proxy.release(shop, "blue", "r0");
  await proxy.switchTo(shop, "blue");
  assert.equal(await proxy.serving(shop), "blue");
  return { proxy, shop, name: proxy.name, context: proxy.context };
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

function assertNoneFailed(t: TestContext, { sent, failures, quick }: LoadResult): void {
  assert.ok(sent > perSecond, `only ${sent} were sent`);
  assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${sent} failed`);
  const [middle, most] = [percentile(quick, 0.5), percentile(quick, 0.99)];
  t.diagnostic(`${sent} requests, median ${middle.toFixed(1)} ms, p99 ${most.toFixed(1)} ms`);
}

engineTest("proxy: switched back and forth under load, no request fails", async (engine, t) => {
  const { proxy, shop } = await withShop(engine, t, "switch");
  const endLoad = startLoad(t, place, perSecond);
  await sleep(1_000);
  let [from, to] = ["blue", "green"] as ["blue" | "green", "blue" | "green"];
  const took: number[] = [];
  for (let turn = 1; turn <= 8; turn += 1) {
    await proxy.release(shop, to, `r${turn}`);
    const start = performance.now();
    await proxy.switchTo(shop, to);
    took.push(performance.now() - start);
    await proxy.drain(shop, from);
    await proxy.docker("stop", containerOf(shop, from));
    [from, to] = [to, from];
  }
  const memory = await proxy.memory();
  const load = await endLoad();
  assertNoneFailed(t, load);
  assert.deepEqual(
    [...load.releases.keys()].toSorted(),
    Array.from({ length: 9 }, (_, n) => `r${n}`),
  );
  t.diagnostic(
    `a switch took ${percentile(took, 0.5).toFixed(0)} ms; ${(memory / 2 ** 20).toFixed(1)} MiB`,
  );
  assert.ok(memory < 32 * 2 ** 20, `${memory} bytes`);
});

engineTest("proxy: a tunnel lives until the old release stops", async (engine, t) => {
  const { proxy, shop } = await withShop(engine, t, "tunnel");
  const [one, other] = [await openTunnel(place), await openTunnel(place)];
  await proxy.release(shop, "green", "r1");
  await proxy.switchTo(shop, "green");
  assert.equal((await ask(place)).release, "r1");
  assert.equal(await proxy.drained(shop, "blue"), 2);
  // And through a reload, by which another worker takes the connections.
  await proxy.run("reload_proxy");
  await sleep(1_000);
  assert.equal(await one.lives(), true);
  assert.equal(await other.lives(), true);
  assert.equal(await proxy.drained(shop, "blue"), 2);
  one.end();
  await sleep(200);
  assert.equal(await proxy.drained(shop, "blue"), 1);
  await proxy.docker("stop", containerOf(shop, "blue"));
  assert.equal(await other.lives(), false);
  await proxy.drain(shop, "blue");
});

engineTest(
  "proxy: killed, it comes back by itself to the release that served",
  async (engine, t) => {
    const { proxy, shop, name } = await withShop(engine, t, "kill");
    await proxy.release(shop, "green", "r1");
    await proxy.switchTo(shop, "green");
    // Its master, and then the worker, without which the master does not go on.
    for (const which of [0, 1]) {
      await killed(proxy, name, which);
      assert.equal(await proxy.serving(shop), "green");
      assert.equal((await ask(place)).release, "r1");
    }
  },
);

engineTest(
  "proxy: another app comes and goes under load, and what is wrong is refused",
  async (engine, t) => {
    const { proxy, shop } = await withShop(engine, t, "apps");
    const tunnel = await openTunnel(place);
    const endLoad = startLoad(t, place, perSecond);
    await sleep(1_000);
    const hosts = { shop: { ...shop, hosts: [place.host, "*.shop.example.org"] } };
    const blog = await proxy.network("blog");
    await proxy.release(blog, "blue", "b0");
    await proxy.run(`join_proxy ${blog.network}`);
    const configured = await proxy.configure(configurationOf(hosts.shop, blog));
    assert.deepEqual(configured, { exitCode: 0, stdout: "", stderr: "" });
    await proxy.switchTo(blog, "blue");
    for (const [host, release] of [
      ["www.shop.example.org", "r0"],
      ["SHOP.example.org.", "r0"],
      ["xshop.example.org", "b0"],
    ] as const) {
      assert.equal((await ask({ ...place, host })).release, release, host);
    }
    // What was decided of the one is decided in the workers that live on, too.
    await proxy.release(shop, "green", "r1");
    await proxy.switchTo(shop, "green");
    await until(async () => (await proxy.drained(shop, "blue")) === 1);

    const current = `${await proxy.run("proxy_configuration")}\n`;
    const wrong = await proxy.configure(current.replace("mode http", "mode whatever"));
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stdout, /unknown proxy mode 'whatever'/);
    const late = await proxy.attempt(`configure_proxy ${"0".repeat(64)}`, current);
    assert.equal(late.exitCode, 75);
    assert.equal(`${await proxy.run("proxy_configuration")}\n`, current);
    assert.equal((await ask(place)).release, "r1");

    assert.equal((await proxy.configure(configurationOf(hosts.shop))).exitCode, 0);
    await proxy.run(`leave_proxy ${blog.network}`);
    await assert.rejects(ask({ ...place, host: "blog.example.org" }), /^Error: 404/);
    assert.equal(await tunnel.lives(), true);
    assertNoneFailed(t, await endLoad());
  },
);

engineTest("proxy: what it is told in each shell", async (engine, t) => {
  const { proxy, shop } = await withShop(engine, t, "shells");
  await proxy.release(shop, "green", "r1");
  const [blue, green] = [shop.addresses.blue, shop.addresses.green];
  const network = `${shop.network}-again`;
  for (const { words } of shells.filter(({ skip }) => skip === false)) {
    const script = `make_network ${network}; make_network ${network}
$docker network rm ${network} > /dev/null
fixed_address ${shop.network} blue
serving shop
switch_proxy shop green ${green} 3000; serving shop
switch_proxy shop blue ${green} 3000 || echo refused
switch_proxy nobody blue ${green} 3000 || echo refused
switch_proxy shop blue ${blue} 3000; serving shop
drained shop blue; drained nobody blue || echo nobody
proxy_command show version | wc -l; save_proxy_state && reload_proxy && serving shop
start_proxy ${port}:8080 && join_proxy ${shop.network} && echo there
proxy_configuration | check_configuration && { echo nonsense | check_configuration > /dev/null || echo wrong; }
start_proxy ${port}:8080 ${port + 1}:8443 && start_proxy ${port}:8080 && serving shop`;
    const lines = [blue, "blue", "green", `shop has no blue at ${green} but at ${blue}`, "refused"];
    lines.push(`nobody has no blue at ${green} but at `, "refused", "blue", "0", "nobody");
    assert.deepEqual(
      (await proxy.run(script, "", words)).split("\n"),
      [...lines, "2", "blue", "there", "wrong", "blue"],
      words,
    );
  }
  const bad = await Promise.allSettled(
    [1, 2, 3].map(async () => await ask(place, { path: "/bad" })),
  );
  assert.ok(bad.every(({ status }) => status === "rejected"));
  await ask(place);
  assert.equal(await proxy.run("errors shop blue"), "3 4");
  await proxy.docker("stop", containerOf(shop, "blue"));
  await assert.rejects(ask(place), /^Error: 503/);
  const [failures] = (await proxy.run("errors shop blue")).split(" ");
  assert.ok(Number(failures) > 3, failures);
});

engineTest(
  "proxy: a certificate is given, and renewed with no connection lost",
  async (engine, t) => {
    const { proxy, shop, context } = await withShop(engine, t, "tls");
    const secure = 7_443;
    const [first, second] = [
      await certificates(context, `DNS:${place.host}`),
      await certificates(context, `DNS:${place.host}`),
    ];
    await proxy.run("put_certificate shop.pem", await pemOf(first));
    const tls = { certificate: "shop.pem", redirects: true };
    const configured = await proxy.configure(
      configurationOf({ ...shop, hosts: [place.host], tls }),
    );
    assert.equal(configured.exitCode, 0, configured.stdout);
    // The port was not published: it is made anew, with the networks that it had, and knows who served.
    await proxy.run(`start_proxy ${port}:8080 ${secure}:8443`);
    assert.equal(await proxy.serving(shop), "blue");

    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = async (files: string, with_: Agent | false) => {
      const ca = await readFile(path.join(files, "ca.pem"));
      const options = {
        host: place.address,
        port: secure,
        servername: place.host,
        ca,
        agent: with_,
      };
      const headers = { host: place.host, "x-forwarded-for": "192.0.2.1", "x-forwarded-host": "x" };
      const one = request({ ...options, headers });
      one.end();
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        one.once("response", resolve).once("error", reject);
      });
      const received = z.record(z.string(), z.string()).parse(JSON.parse(await text(answer)));
      return { received, isReused: one.reusedSocket };
    };
    const { received } = await asked(first, agent);
    assert.equal(received["x-forwarded-proto"], "https");
    assert.match(received["x-forwarded-for"] ?? "", /^\d+\.\d+\.\d+\.\d+$/);
    assert.notEqual(received["x-forwarded-for"], "192.0.2.1");
    assert.equal(received["x-forwarded-host"], undefined);
    await assert.rejects(ask({ ...place, host: `${place.host}:${port}` }), /^Error: 308/);

    const refused = await proxy.attempt("put_certificate shop.pem", "no certificate\n");
    assert.equal(refused.exitCode, 1, refused.stdout);
    await proxy.run("put_certificate shop.pem", await pemOf(second));
    assert.equal((await asked(first, agent)).isReused, true);
    await asked(second, false);
    await assert.rejects(asked(first, false), /unable to verify|self-signed|signature/);
    await proxy.run("reload_proxy");
    await asked(second, false);
    agent.destroy();

    // Where its new place is taken, it stays at the old one.
    const taken = ["--name", `${shop.network}-taken`, "--publish", "7444:1", "--detach"];
    context.after(async () => void (await proxy.docker("rm", "--force", `${shop.network}-taken`)));
    await proxy.docker("run", ...serviceArguments("taken", ...taken));
    assert.equal((await proxy.attempt(`start_proxy ${port}:8080 7444:8443`)).exitCode, 1);
    await asked(second, false);
  },
);

engineTest(
  "proxy: told by many at once, it does all of it and knows it after a kill",
  async (engine, t) => {
    const { proxy, shop, name } = await withShop(engine, t, "many");
    const blog = await proxy.network("blog");
    const apps = configurationOf({ ...shop, hosts: [place.host] }, blog);
    assert.equal((await proxy.configure(apps)).exitCode, 0);
    await proxy.run(`join_proxy ${blog.network}`);
    await proxy.release(blog, "blue", "b0");
    for (const turn of ["green", "blue", "green"] as const) {
      await Promise.all([
        proxy.switchTo(shop, turn),
        proxy.run("reload_proxy"),
        proxy.switchTo(blog, turn),
        proxy.run("reload_proxy"),
        proxy.run("save_proxy_state"),
      ]);
      assert.equal(await proxy.serving(shop), turn);
      assert.equal(await proxy.serving(blog), turn);
    }
    await killed(proxy, name, 0);
    assert.equal(await proxy.serving(shop), "green");
    assert.equal(await proxy.serving(blog), "green");
  },
);

engineTest("proxy: one that cannot start with its file starts with another", async (engine, t) => {
  const { proxy, shop, name } = await withShop(engine, t, "broken");
  const files = ["--volumes-from", name, "--entrypoint", "sh"];
  const spoil = "echo nonsense >> /var/lib/transship/haproxy.cfg";
  await proxy.docker("run", "--rm", ...files, proxy.image, "-c", spoil);
  await proxy.docker("restart", name);
  const ended = async () =>
    Number(await proxy.docker("inspect", "--format", "{{.RestartCount}}", name));
  await until(async () => (await ended()) > 3);
  const { exitCode, stdout } = await proxy.attempt(`start_proxy ${port}:8080`);
  assert.equal(exitCode, 1);
  assert.match(stdout, /nonsense/);
  assert.equal(
    (await proxy.configure(configurationOf({ ...shop, hosts: [place.host] }))).exitCode,
    0,
  );
  await proxy.start();
  assert.equal((await ask(place)).release, "r0");
});

/** Kills one of its processes as the kernel does when memory runs out, and waits until it is there again. */
async function killed({ docker, run }: Proxied, name: string, which: number): Promise<void> {
  const listed = await docker("top", name, "-o", "pid");
  const pids = listed.split("\n").slice(1).map(Number);
  process.kill(pids[which] ?? 0, "SIGKILL");
  const main = async () => Number(await docker("inspect", "--format", "{{.State.Pid}}", name));
  await until(async () => ![0, pids[0]].includes(await main()));
  await run("proxy_answers");
}

/** Chain and key, as `put_certificate` takes them. */
async function pemOf(files: string): Promise<string> {
  const parts = ["server.pem", "server.key"].map(
    async (name) => await readFile(path.join(files, name), "utf8"),
  );
  return (await Promise.all(parts)).join("");
}
