import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProxyVersion, oldestProxy, parseProxyVersion, servesAsProxy } from "./image.ts";

test("the version that HAProxy says it has", () => {
  const said = "HAProxy version 3.2.26-1 2026/10/14 - https://haproxy.org/\nStatus: long-term\n";
  assert.deepEqual(parseProxyVersion(said), [3, 2, 26]);
  assert.deepEqual(parseProxyVersion("HA-Proxy version 2.0.31-0+deb10u1 2023/02/14"), [2, 0, 31]);
  assert.deepEqual(parseProxyVersion("HAProxy version 3.5-dev2-1f9a2b 2026/07/01"), [3, 5, 0]);
  assert.equal(parseProxyVersion("sh: haproxy: not found"), undefined);
});

test("which versions can be a proxy", () => {
  assert.equal(servesAsProxy(oldestProxy), true);
  assert.equal(servesAsProxy([2, 7, 12]), false);
  assert.equal(servesAsProxy([2, 10, 0]), true);
  assert.equal(servesAsProxy([3, 0, 0]), true);
  assert.equal(formatProxyVersion([3, 2, 26]), "3.2.26");
});
