/** The proxy of a server in a real engine, under load: what is switched, reloaded and added, and that no client sees it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, type LoadResult, openTunnel, startLoad } from "../deploy/load.ts";
import { configurationOf, containerOf } from "../deploy/proxied.ts";
import { place, withShop } from "../deploy/shop.ts";
import { engineTestOn, until } from "./engine.ts";

const perSecond = 300;

engineTestOn(
  ["oldest"],
  "proxy: switched back and forth under load, no request fails",
  async (engine, t) => {
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
  },
);

engineTestOn(["oldest"], "proxy: a tunnel lives until the old release stops", async (engine, t) => {
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

engineTestOn(
  ["oldest"],
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

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

function assertNoneFailed(t: TestContext, { sent, failures, quick }: LoadResult): void {
  assert.ok(sent > perSecond, `only ${sent} were sent`);
  assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${sent} failed`);
  const [middle, most] = [percentile(quick, 0.5), percentile(quick, 0.99)];
  t.diagnostic(`${sent} requests, median ${middle.toFixed(1)} ms, p99 ${most.toFixed(1)} ms`);
}
