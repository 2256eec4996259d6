/** The proxy of a server that loses its power: what serves afterwards is right by restart policies and the proxy's own files alone. */
import assert from "node:assert/strict";
import { ensureProxyImage } from "../../provision/haproxy.ts";
import { createSite } from "../../provision/site.ts";
import { isAlive } from "../../src/process/alive.ts";
import { ask } from "../deploy/load.ts";
import { configurationOf, containerOf, type Proxied, proxied } from "../deploy/proxied.ts";
import { bringServiceImage, serviceArguments } from "../deploy/service.ts";
import { engineTestOn, lastFirst, until } from "./engine.ts";
import { bareMachine } from "./machine.ts";

const port = 7_081;

engineTestOn(
  ["oldest"],
  "proxy: after a power cut the release serves that served",
  async (engine, t) => {
    const context = lastFirst(t);
    const machine = await bareMachine(engine, context);
    const signal = new AbortController().signal;
    const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
    const env = { DOCKER_HOST: machine.host };
    const image = await ensureProxyImage(site, env);
    await bringServiceImage(env);
    const place = (host: string) => ({ address: machine.address, port, host });
    const proxy = proxied({ t, context, proxy: "transship", image, port, host: machine.host });
    const [shop, blog] = [await proxy.network("shop"), await proxy.network("blog")];
    const hosts = { shop: ["shop.example.org"], blog: ["blog.example.org"] };
    const text = configurationOf({ ...shop, hosts: hosts.shop }, { ...blog, hosts: hosts.blog });
    assert.equal((await proxy.configure(text)).exitCode, 0);
    await proxy.start();
    const answered = async (host: string) => (await ask(place(host))).release;
    for (const app of [shop, blog]) {
      await proxy.run(`join_proxy ${app.network}`);
      // Others on its network, which start before it and after it, and take whatever addresses are free.
      for (const n of [1, 2, 3]) {
        const other = ["--name", `${app.network}-other-${n}`, "--network", app.network];
        const words = serviceArguments(`other of ${app.name}`, ...other, "--restart", "always");
        await proxy.docker("run", "--detach", ...words);
      }
      await proxy.release(app, "blue", `${app.name}-0`, "--restart", "always");
      await proxy.switchTo(app, "blue");
    }
    // Of one app the second release serves, and the first is kept; of the other the first does.
    await proxy.release(shop, "green", "shop-1", "--restart", "always");
    await proxy.switchTo(shop, "green");
    await proxy.docker("update", "--restart", "no", containerOf(shop, "blue"));
    await proxy.docker("stop", containerOf(shop, "blue"));

    const assertServes = async () => {
      await until(
        async () =>
          await answered("blog.example.org").then(
            () => true,
            () => false,
          ),
      );
      await until(
        async () =>
          await answered("shop.example.org").then(
            () => true,
            () => false,
          ),
      );
      for (let n = 0; n < 20; n += 1) {
        assert.equal(await answered("shop.example.org"), "shop-1");
        assert.equal(await answered("blog.example.org"), "blog-0");
      }
      assert.equal(await proxy.serving(shop), "green");
      assert.equal(await proxy.serving(blog), "blue");
    };
    await assertServes();
    const running = await processesOf(proxy);
    await machine.powerCycle();
    // What ran in containers has no power either; the machine knows its own network's processes alone.
    for (const pid of running) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    await assertServes();
    // In order, too, and with a candidate that was being asked when the power went.
    await proxy.release(blog, "green", "blog-1", "--restart", "no");
    await machine.halt();
    await machine.boot();
    await assertServes();
  },
);

/** The main ones of its containers. */
async function processesOf({ docker }: Proxied): Promise<readonly number[]> {
  const ids = (await docker("ps", "--quiet")).split("\n");
  const pids = await docker("inspect", "--format", "{{.State.Pid}}", ...ids);
  return pids.split("\n").map(Number);
}
