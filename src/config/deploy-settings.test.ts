import assert from "node:assert/strict";
import { test } from "node:test";
import { type SaidSettings, deploySettings } from "./deploy-settings.ts";

function settled(said: Partial<SaidSettings>) {
  const settings = deploySettings({ own: {}, shared: {}, swarm: { mode: "replicated" }, ...said });
  const { servers, hosts, isSingleWriter, ...others } = settings;
  const told = Object.entries(others).filter(([, value]) => value !== undefined);
  return { servers, hosts, isSingleWriter, ...Object.fromEntries(told) };
}

const nothing = { servers: [], hosts: [], isSingleWriter: false };

test("what nobody says is left to the verb", () => {
  assert.deepEqual(settled({}), nothing);
});

test("a service's own goes before that of the top key by key, hooks as a whole", () => {
  const settings = settled({
    shared: {
      servers: ["deploy@a.example.org"],
      bake_time: "10m",
      releases_to_keep: 5,
      deploy: { port: 8080, max_parallel: 2, hooks: { before_switch: "migrate", timeout: "5m" } },
    },
    own: {
      bake_time: "90s",
      deploy: {
        host: ["app.example.org"],
        proxy_image: "haproxy:lts",
        max_parallel: 1,
        hooks: { before_switch: ["a", "b c"] },
      },
    },
  });
  assert.deepEqual(settings, {
    servers: ["deploy@a.example.org"],
    hosts: ["app.example.org"],
    isSingleWriter: false,
    releasesToKeep: 5,
    bakeMs: 90_000,
    proxyImage: "haproxy:lts",
    port: 8080,
    maxParallel: 1,
    beforeSwitch: { command: ["a", "b c"], timeoutMs: undefined },
  });
});

test("a hook that is one text is the shell's", () => {
  const { beforeSwitch } = deploySettings({
    own: { deploy: { hooks: { before_switch: "bin/migrate && true", timeout: "1h30m" } } },
    shared: {},
    swarm: { mode: "replicated" },
  });
  assert.deepEqual(beforeSwitch, {
    command: ["sh", "-c", "bin/migrate && true"],
    timeoutMs: 5_400_000,
  });
});

test("Compose's own words hold where no block says more", () => {
  const update = { parallelism: 2, failure_action: "rollback", monitor: "20s" };
  const swarm = { mode: "replicated", update_config: { ...update, order: "stop-first" } };
  const said = { swarm, gracePeriod: "1m20s" };
  const ofCompose = { maxParallel: 2, onFailure: "undo", bakeMs: 20_000, stopTimeoutMs: 80_000 };
  assert.deepEqual(settled(said), { ...nothing, ...ofCompose, strategy: "recreate" });
  const shared = {
    bake_time: "1m",
    deploy: { strategy: "proxy", on_failure: "leave", stop_timeout: "5s", max_parallel: 1 },
  } as const;
  assert.deepEqual(settled({ ...said, shared }), {
    ...nothing,
    strategy: "proxy",
    onFailure: "leave",
    stopTimeoutMs: 5000,
    maxParallel: 1,
    bakeMs: 60_000,
  });
  // All at once.
  const atOnce = { mode: "replicated", update_config: { parallelism: 0 } };
  assert.deepEqual(settled({ swarm: atOnce }), nothing);
});
