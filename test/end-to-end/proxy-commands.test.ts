/** What the proxy of a server is told by its shell, in a real engine. */
import assert from "node:assert/strict";
import { ask } from "../deploy/load.ts";
import { containerOf } from "../deploy/proxied.ts";
import { place, withShop } from "../deploy/shop.ts";
import { shells } from "../process/shell.ts";
import { engineTestOn } from "./engine.ts";

const { port } = place;

engineTestOn(["oldest"], "proxy: what it is told in each shell", async (engine, t) => {
  const { proxy, shop, name } = await withShop(engine, t, "shells");
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
  assert.match(await proxy.docker("logs", name), /HTTP shop\/blue .* 500 .*"GET \/bad HTTP/);
  const early = await proxy.attempt("join_proxy a");
  assert.equal(early.exitCode, 1);
  assert.equal(early.stdout, `the network a has a name that comes before ${name}\n`);
  await proxy.docker("stop", containerOf(shop, "blue"));
  const start = performance.now();
  await assert.rejects(ask(place), /^Error: 503/);
  assert.ok(performance.now() - start < 6_000);
  assert.equal(await proxy.run("errors shop blue"), "4 5");
});
