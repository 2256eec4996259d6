import assert from "node:assert/strict";
import { test } from "node:test";
import { appFacts, served } from "../../test/deploy/release.ts";
import { serverFacts } from "../../test/ship/server-facts.ts";
import { isFailure } from "../errors.ts";
import type { Server } from "../server/server.ts";
import type { AppFacts } from "./facts.ts";
import { parseAppName, parseReleaseId } from "./names.ts";
import { planPrune } from "./prune.ts";

const never = async () => await Promise.reject(new Error("a plan asks nobody"));
const shell = { run: never, forwardedPort: () => undefined, close: never };
const server: Server = { target: { host: "vps" }, name: "vps", shell };

function plan(keep: number, changes: Partial<AppFacts> = {}) {
  const session = { server, facts: serverFacts(), app: appFacts(changes), close: never };
  const options = { app: parseAppName("shop"), servers: [], keep, dryRun: true };
  const { releases, containers } = planPrune(session, options);
  return [releases, containers];
}

const four = ["v1", "v2", "v3", "v4"].map(parseReleaseId);
const containers = [...four, "v4-prober", "v9"].map((id) => {
  return { name: `shop-${id}`, release: id, state: "exited", status: "Exited (0)" };
});

test("the latest releases stay, and containers of none that is kept go", () => {
  const state = { ...served, serving: "v4" };
  assert.deepEqual(plan(2, { history: four, containers, state }), [
    ["v1", "v2"],
    ["shop-v1", "shop-v2", "shop-v4-prober", "shop-v9"],
  ]);
  assert.deepEqual(plan(2), [[], []]);
});

test("the one that serves stays, whatever came after it", () => {
  const state = { ...served, serving: "v1" };
  assert.deepEqual(plan(1, { history: four, containers, state })[0], ["v2", "v3"]);
});

test("to keep none is to take the app away", () => {
  assert.deepEqual(plan(0), [
    ["v1", "v2"],
    ["shop-v1", "shop-v2"],
  ]);
});

test("an app whose directory is gone may still have containers", () => {
  const gone = { place: undefined, state: undefined, history: [] };
  assert.deepEqual(plan(0, gone), [[], ["shop-v1", "shop-v2"]]);
  assert.throws(
    () => plan(1, { ...gone, containers: [] }),
    (error) => isFailure(error, "APP_UNKNOWN"),
  );
});

test("nothing goes while somebody is at work there", () => {
  assert.throws(
    () => plan(2, { holder: "ann@mac" }),
    (error) => isFailure(error, "DEPLOY_LOCKED") && error.message.includes("ann@mac"),
  );
});

test("nothing goes while it is not decided what is to serve", () => {
  const state = { ...served, phase: "switching" };
  assert.throws(
    () => plan(2, { state }),
    (error) => isFailure(error, "DEPLOY_LOCKED") && error.message.includes("broken off"),
  );
  assert.equal(plan(0, { state }).length, 2);
});
