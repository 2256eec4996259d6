import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf, type ProxiedApp, proxiedAppsSchema } from "./app.ts";

function app(name: string, last: number, ...hosts: readonly string[]): ProxiedApp {
  const addresses = { blue: `172.18.255.${last}`, green: `172.18.255.${last + 1}` };
  return { name, hosts, port: 8080, addresses, drainSeconds: 30 };
}

function problems(...apps: readonly ProxiedApp[]): readonly string[] {
  return problemsOf({ apps, behindFront: false });
}

test("apps that can share a proxy", () => {
  const hosts = ["shop.example.org", "*.shop.example.org", "xn--bcher-kva.example", "localhost"];
  assert.deepEqual(problems(app("shop", 1, ...hosts), app("blog", 3), app("a", 5, "1.2.3.4")), []);
});

test("hosts that are none", () => {
  const wrong = [
    "Shop.example.org",
    "shop_1.example.org",
    "-a.example.org",
    "a..b",
    "",
    "*",
    "a.*.example.org",
    "shop.example.org:8080",
    "shop.example.org.",
    `${"a".repeat(64)}.org`,
    Array.from({ length: 130 }, () => "a").join("."),
    "a }\n  bind :1",
    "bücher.example",
  ];
  for (const host of wrong) {
    const said = `${JSON.stringify(host)}, a host of shop, is no host name.`;
    assert.deepEqual(problems(app("shop", 1, host)), [said]);
  }
});

test("what two apps cannot both have", () => {
  const host = "shop.example.org";
  assert.deepEqual(problems(app("shop", 1, host), app("blog", 3, host)), [
    `${host} is a host of shop and blog.`,
  ]);
  assert.deepEqual(problems(app("shop", 1), app("blog", 3)), [
    "shop and blog name no host, and only one app can have all that no other has.",
  ]);
  assert.deepEqual(problems(app("shop", 1, "a"), app("shop", 3, "b")), [
    "Two apps have the name shop.",
  ]);
  assert.deepEqual(problems(app("shop", 1, "a"), app("blog", 2, "b")), [
    "172.18.255.2 is an address of shop and blog.",
  ]);
  assert.deepEqual(problems(app("shop", 1, host, host)), [`${host} is a host of shop and shop.`]);
});

test("what was written by another hand", () => {
  const good = { apps: [app("shop", 1)], behindFront: false };
  assert.equal(proxiedAppsSchema.safeParse(good).success, true);
  const changed = [
    { name: "shop\nglobal" },
    { name: "-shop" },
    { port: 0 },
    { port: 80.5 },
    { addresses: { blue: "172.18.255.1", green: "localhost" } },
    { drainSeconds: -1 },
    { tls: { certificate: "../key.pem", redirects: true } },
  ];
  for (const change of changed) {
    const bad = { ...good, apps: [{ ...app("shop", 1), ...change }] };
    assert.equal(proxiedAppsSchema.safeParse(bad).success, false, JSON.stringify(change));
  }
});
