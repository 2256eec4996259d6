import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { servicePort, testRequest, type TestOptions } from "./request.ts";

test("the defaults are the requirement's", () => {
  const request = testRequest({}, "r1");
  assert.equal(request.image, "rustci:local-amd64");
  assert.equal(request.healthPath, "/api/healthchecker");
  assert.equal(request.timeoutMs, 10_000);
  assert.equal(request.name, "transship-test-r1");
});

test("a port is the host's, and after a colon the container's", () => {
  assert.equal(testRequest({ port: "80" }, "r").hostPort, 80);
  const both = testRequest({ port: "0:3000" }, "r");
  assert.deepEqual([both.hostPort, both.containerPort], [0, 3000]);
});

test("the service's port is the one asked for, exposed, named by PORT, or 8080", () => {
  assert.equal(servicePort({ containerPort: 1 }, { exposed: ["2/tcp"], env: [] }), 1);
  assert.equal(servicePort({}, { exposed: ["53/udp", "2/tcp"], env: ["PORT=3"] }), 2);
  assert.equal(servicePort({}, { exposed: [], env: ["A=b", "PORT=3"] }), 3);
  assert.equal(servicePort({}, { exposed: [], env: [] }), 8080);
});

test("--quick does not ask the health path", () => {
  assert.equal(testRequest({ quick: true }, "r").asksHealth, false);
  assert.equal(testRequest({ health: false }, "r").asksHealth, false);
});

const refused: readonly TestOptions[] = [
  { port: "http" },
  { port: "70000" },
  { port: "80:0" },
  { port: "1:2:3" },
  { healthPath: "health" },
  { name: "-x" },
  { wait: -1 },
  { timeout: Number.NaN },
];
for (const options of refused) {
  test(`${JSON.stringify(options)} is USAGE`, () => {
    assert.throws(
      () => testRequest(options, "r"),
      (error) => isFailure(error, "USAGE"),
    );
  });
}
