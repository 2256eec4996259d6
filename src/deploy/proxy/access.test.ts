import assert from "node:assert/strict";
import { test } from "node:test";
import { readProxy } from "./access.ts";
import type { ProxiedApps } from "./app.ts";
import { proxyConfiguration } from "./configuration.ts";

const addresses = { blue: "172.18.255.253", green: "172.18.255.254" };
const all: ProxiedApps = {
  apps: [{ name: "shop", hosts: [], port: 8080, addresses, drainSeconds: 60 }],
  behindFront: false,
};
const configuration = proxyConfiguration(all);

function said(label: string, text: string): string {
  const { blue, green } = addresses;
  return `=transship addresses\n${blue}\n${green}\n=transship label\n${label}=transship configuration\n${text}`;
}

test("a server without a proxy, and one with", () => {
  const none = { apps: [], behindFront: false };
  assert.deepEqual(readProxy(said("", "")), { apps: none, addresses, sum: "-", ports: [] });
  const seen = readProxy(said("haproxy:3.2-alpine 80:8080\n", configuration));
  assert.ok(typeof seen === "object");
  assert.deepEqual(seen.apps, all);
  assert.deepEqual([seen.image, seen.ports], ["haproxy:3.2-alpine", ["80:8080"]]);
});

test("a configuration that is not understood is not taken for an empty one", () => {
  const later = configuration.replace('"drainSeconds":60', '"drainSeconds":"1m"');
  for (const text of ["global\n  maxconn 10\n", later, "\n"])
    assert.match(JSON.stringify(readProxy(said("", text))), /is not ours, or of another version/);
  assert.equal(readProxy("=transship addresses\n"), undefined);
});
