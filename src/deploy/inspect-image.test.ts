import assert from "node:assert/strict";
import { test } from "node:test";
import { type ImageConfig, readImageConfig } from "./inspect-image.ts";

const nothing: ImageConfig = { ports: [], healthcheck: undefined };
const check = (command: object, seconds: number) => ({ healthcheck: { command, seconds } });

/** What `docker image inspect --format '{{json .Config}}'` prints. */
const configs: Readonly<Record<string, object>> = {
  "null\n": nothing,
  "{}": nothing,
  '{"ExposedPorts":null,"Healthcheck":null}': nothing,
  '{"ExposedPorts":{"9000/tcp":{},"443/tcp":{},"80":{},"53/udp":{},"x/tcp":{}}}': {
    ports: [80, 443, 9000],
  },
  '{"Healthcheck":{"Test":["CMD","curl","-f","a b"],"Timeout":3000000000}}': check(
    { argv: ["curl", "-f", "a b"] },
    3,
  ),
  '{"Healthcheck":{"Test":["CMD-SHELL","curl -f || exit 1"],"Interval":5}}': check(
    { shell: "curl -f || exit 1" },
    30,
  ),
  '{"Healthcheck":{"Test":["CMD","c"],"Timeout":1}}': check({ argv: ["c"] }, 1),
  '{"Healthcheck":{"Test":["NONE"]}}': nothing,
  '{"Healthcheck":{"Test":[]}}': nothing,
  '{"Healthcheck":{"Test":["CMD"]}}': nothing,
  '{"Healthcheck":{}}': nothing,
};
for (const [json, expected] of Object.entries(configs))
  test(`an image's configuration: ${json.trim()}`, () => {
    assert.deepEqual(readImageConfig(json), { ...nothing, ...expected });
  });

for (const text of ["", "Error: no such image", "[]", '{"ExposedPorts":[1]}', '{"Healthcheck":7}'])
  test(`no configuration: ${JSON.stringify(text)}`, () => {
    assert.equal(readImageConfig(text), undefined);
  });
