import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../../test/directory.ts";
import { diskCheck, diskChecks } from "./disk.ts";

const gibibyte = 1024 ** 3;

const cases: readonly (readonly [number | undefined, string])[] = [
  [undefined, "skip"],
  [0, "warn"],
  [gibibyte - 1, "warn"],
  [gibibyte, "warn"],
  [5 * gibibyte - 1, "warn"],
  [5 * gibibyte, "pass"],
];

for (const [free, status] of cases)
  test(`${free ?? "an unknown number of"} bytes free: ${status}`, () => {
    const check = diskCheck("the store", free, "transship store prune");
    assert.equal(check.status, status);
    assert.equal(check.fix !== undefined, status === "warn");
  });

test("a store that is not there yet is looked for above, an engine elsewhere not at all", async (t) => {
  const directory = await temporaryDirectory(t);
  const store = path.join(directory, "cache", "store");
  const engine = { dataRoot: directory, operatingSystem: "Debian GNU/Linux 13" };
  const statuses = async (endpoint: string) => {
    const checks = await diskChecks({ store, engine, endpoint });
    return checks.map(({ status }) => status === "skip");
  };
  const isLinux = process.platform === "linux";
  assert.deepEqual(await statuses("unix:///var/run/docker.sock"), [false, !isLinux]);
  assert.deepEqual(await statuses("default"), [false, !isLinux]);
  assert.deepEqual(await statuses("ssh://server"), [false, true]);
  const checks = await diskChecks({ store, endpoint: "default" });
  assert.equal(checks[1]?.detail, "The disk of the engine cannot be seen from here.");
});
