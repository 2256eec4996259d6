/** The certificates of a server's proxy in a real engine, and its move to other ports. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import path from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { ask } from "../deploy/load.ts";
import { configurationOf } from "../deploy/proxied.ts";
import { serviceArguments } from "../deploy/service.ts";
import { place, withShop } from "../deploy/shop.ts";
import { certificates } from "./certificates.ts";
import { engineTestOn } from "./engine.ts";

const { port } = place;

engineTestOn(
  ["oldest"],
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

/** Chain and key, as `put_certificate` takes them. */
async function pemOf(files: string): Promise<string> {
  const parts = ["server.pem", "server.key"].map(
    async (name) => await readFile(path.join(files, name), "utf8"),
  );
  return (await Promise.all(parts)).join("");
}
