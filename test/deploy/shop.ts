/** The app `shop` behind a proxy of its own, in the engine of a test. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { ensureProxyImage } from "../../provision/haproxy.ts";
import { createSite } from "../../provision/site.ts";
import { parseProxyVersion, servesAsProxy } from "../../src/deploy/proxy/image.ts";
import { lastFirst, type TestEngine } from "../end-to-end/engine.ts";
import { configurationOf, proxied } from "./proxied.ts";
import { bringServiceImage } from "./service.ts";

const port = 7_080;

/** Where it answers. */
export const place = { address: "127.0.0.1", port, host: "shop.example.org" };

/** Its release r0 serves in blue. `name` is the test's. */
export async function withShop(engine: TestEngine, t: TestContext, name: string) {
  const signal = new AbortController().signal;
  const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
  const image = await ensureProxyImage(site);
  await bringServiceImage();
  const context = lastFirst(t);
  const container = `transship-proxy-${engine.name}-${name}`;
  const proxy = proxied({ t, context, proxy: container, image, port });
  const version = parseProxyVersion(await proxy.run("proxy_version"));
  assert.ok(version !== undefined && servesAsProxy(version));
  const shop = await proxy.network("shop");
  const configured = await proxy.configure(configurationOf({ ...shop, hosts: [place.host] }));
  assert.deepEqual(configured, { exitCode: 0, stdout: "", stderr: "" });
  await proxy.start();
  await proxy.run(`join_proxy ${shop.network}`);
  assert.equal(await proxy.serving(shop), "");
  await proxy.release(shop, "blue", "r0");
  await proxy.switchTo(shop, "blue");
  assert.equal(await proxy.serving(shop), "blue");
  return { proxy, shop, name: container, context };
}
