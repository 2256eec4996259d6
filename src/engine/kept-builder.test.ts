import assert from "node:assert/strict";
import { test } from "node:test";
import { readKeptBuilder } from "./kept-builder.ts";

test("buildx's own file tells driver, nodes and the platforms that each is fixed to", () => {
  const own = {
    Name: "b",
    Driver: "docker-container",
    Nodes: [
      {
        Name: "b0",
        Endpoint: "default",
        Platforms: [
          { architecture: "amd64", os: "linux" },
          { architecture: "arm", os: "linux", variant: "v7" },
          { architecture: "wasm", os: "js" },
        ],
        DriverOpts: { network: "host" },
        Files: null,
      },
      { Name: "server", Endpoint: "ssh://me@server", Platforms: null, DriverOpts: null },
    ],
    Dynamic: false,
  };
  const { driver, nodes } = readKeptBuilder(JSON.stringify(own));
  assert.equal(driver, "docker-container");
  assert.deepEqual(nodes, [
    {
      name: "b0",
      endpoint: "default",
      platforms: ["linux/amd64", "linux/arm/v7"],
      options: { network: "host" },
    },
    { name: "server", endpoint: "ssh://me@server", platforms: [], options: {} },
  ]);
});

test("a file without nodes is a builder without nodes, and no JSON is none", () => {
  assert.deepEqual(readKeptBuilder('{"Driver":"remote","Nodes":null}').nodes, []);
  assert.throws(() => readKeptBuilder("{"));
});
