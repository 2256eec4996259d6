/** The proxy of a server in a real engine, when it is killed, told by many at once, or given what it cannot start with. */
import assert from "node:assert/strict";
import { ask } from "../deploy/load.ts";
import { configurationOf, type Proxied } from "../deploy/proxied.ts";
import { place, withShop } from "../deploy/shop.ts";
import { engineTestOn, until } from "./engine.ts";

engineTestOn(
  ["oldest"],
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

engineTestOn(
  ["oldest"],
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

engineTestOn(
  ["oldest"],
  "proxy: one that cannot start with its file starts with another",
  async (engine, t) => {
    const { proxy, shop, name } = await withShop(engine, t, "broken");
    const files = ["--volumes-from", name, "--entrypoint", "sh"];
    const spoil = "echo nonsense >> /var/lib/transship/haproxy.cfg";
    await proxy.docker("run", "--rm", ...files, proxy.image, "-c", spoil);
    await proxy.docker("restart", name);
    const ended = async () =>
      Number(await proxy.docker("inspect", "--format", "{{.RestartCount}}", name));
    await until(async () => (await ended()) > 3);
    const { exitCode, stdout } = await proxy.attempt(`start_proxy ${place.port}:8080`);
    assert.equal(exitCode, 1);
    assert.match(stdout, /nonsense/);
    assert.equal(
      (await proxy.configure(configurationOf({ ...shop, hosts: [place.host] }))).exitCode,
      0,
    );
    await proxy.start();
    assert.equal((await ask(place)).release, "r0");
  },
);

/** Kills one of its processes as the kernel does when memory runs out, and waits until it is there again. */
async function killed({ docker, run }: Proxied, name: string, which: number): Promise<void> {
  const listed = await docker("top", name, "-o", "pid");
  const pids = listed.split("\n").slice(1).map(Number);
  process.kill(pids[which] ?? 0, "SIGKILL");
  const main = async () => Number(await docker("inspect", "--format", "{{.State.Pid}}", name));
  await until(async () => ![0, pids[0]].includes(await main()));
  await run("proxy_answers");
}
