import assert from "node:assert/strict";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { inProject, withoutCompose } from "../../test/compose.ts";
import { createContext } from "../context.ts";
import { isFailure } from "../errors.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { ReportEvent } from "../process/report.ts";
import { readConfig } from "./config.ts";
import { readDeployment } from "./deployment.ts";

const skip = withoutCompose;

async function read(t: TestContext, text: string, ...wanted: readonly string[]) {
  const directory = await inProject(t, { "compose.yaml": text });
  const told: ReportEvent[] = [];
  const context = createContext({ report: (event) => told.push(event) });
  return { directory, told, deployment: await readDeployment(wanted, context) };
}

const shop = `
name: shop
x-transship:
  servers: [deploy@a.example.org]
  deploy: {port: 80, drain_timeout: 30s}
services:
  web:
    image: registry.example.org/web:1
    build: {context: ., platforms: [linux/amd64, linux/arm64]}
    environment: {DATABASE: db, PRICE: $$5}
    ports: ["127.0.0.1:8080:80"]
    volumes: ["data:/data", "/srv/files:/files:ro"]
    command: serve --all
    mem_limit: 256m
    secrets: [token]
    depends_on: [db]
    x-transship: {deploy: {host: [shop.example.org], port: "8080"}}
  mail:
    image: axllent/mailpit:v1.21
    platform: linux/arm64
    x-transship: {}
  worker: {build: ., profiles: [later], networks: [back], volumes: ["jobs:/jobs"]}
  db: {image: postgres, restart: always}
volumes: {data: , jobs: {external: true}}
networks: {back: {name: backbone}}
secrets: {token: {file: ./token}}
`;

test("what Compose says of a service is what it is deployed as", { skip }, async (t) => {
  const { directory, deployment, told } = await read(t, shop);
  assert.deepEqual([deployment?.project, deployment?.files], ["shop", ["compose.yaml"]]);
  const [mail, web, ...others] = deployment?.services ?? [];
  assert.deepEqual(others, []);
  assert.ok(web !== undefined && mail !== undefined);
  assert.deepEqual([web.name, web.image, web.isBuilt], ["web", "registry.example.org/web:1", true]);
  assert.deepEqual(web.platforms.map(formatPlatform), ["linux/amd64", "linux/arm64"]);
  assert.deepEqual(web.run, {
    publish: [{ address: "127.0.0.1", host: 8080, container: 80, protocol: "tcp" }],
    environment: { DATABASE: "db", PRICE: "$5" },
    volumes: ["shop_data:/data", "/srv/files:/files:ro"],
    networks: [{ name: "shop_default", aliases: ["web"] }],
    restart: "unless-stopped",
    options: ["--memory", "268435456"],
    command: ["serve", "--all"],
    parts: [
      {
        kind: "network",
        name: "shop_default",
        isExternal: false,
        options: [
          "--label",
          "com.docker.compose.project=shop",
          "--label",
          "com.docker.compose.network=default",
        ],
      },
      {
        kind: "volume",
        name: "shop_data",
        isExternal: false,
        options: [
          "--label",
          "com.docker.compose.project=shop",
          "--label",
          "com.docker.compose.volume=data",
        ],
      },
    ],
    files: [],
  });
  const source = { file: path.join(directory, "token") };
  assert.deepEqual(web.secrets, [{ name: "token", target: "/run/secrets/token", source }]);
  const { servers, hosts, port, drainTimeoutMs } = web.settings;
  assert.deepEqual(
    [servers, hosts, port, drainTimeoutMs],
    [["deploy@a.example.org"], ["shop.example.org"], 8080, 30_000],
  );
  assert.deepEqual(web.dependsOn, ["db"]);
  assert.deepEqual([mail.image, mail.isBuilt], ["axllent/mailpit:v1.21", false]);
  assert.deepEqual(mail.platforms.map(formatPlatform), ["linux/arm64"]);
  const text = "compose.yaml:16:5: db is not started for the release: it has to run on the server.";
  assert.deepEqual(told, [{ kind: "note", text }]);
});

test("a service that is named is taken, out of its profile too", { skip }, async (t) => {
  const { deployment } = await read(t, shop, "worker", "db");
  const [db, worker] = deployment?.services ?? [];
  assert.deepEqual([db?.image, db?.run.restart], ["postgres", "always"]);
  assert.equal(worker?.image, "shop-worker:latest");
  assert.deepEqual(worker.run.networks, [{ name: "backbone", aliases: ["worker"] }]);
  assert.deepEqual(
    worker.run.parts.map(({ name, isExternal }) => [name, isExternal]),
    [
      ["backbone", false],
      ["jobs", true],
    ],
  );
});

test("without anything of ours there is nothing to deploy", { skip }, async (t) => {
  assert.equal((await read(t, "services: {db: {image: postgres}}\n")).deployment, undefined);
});

test("one that is not there is SERVICE_UNKNOWN", { skip }, async (t) => {
  await assert.rejects(read(t, shop, "nope"), (error) => {
    assert.ok(isFailure(error, "SERVICE_UNKNOWN"), String(error));
    assert.match(error.hint, /db, mail, web/);
    return true;
  });
});

const local = `
services:
  web:
    build: .
    volumes:
      - ./src:/app
    network_mode: host
  db: {image: postgres, volumes: ["./dump:/dump"]}
`;

test("what no server could follow is told all at once, with its places", { skip }, async (t) => {
  await assert.rejects(read(t, local), (error) => {
    assert.ok(isFailure(error, "CONFIG_INVALID"), String(error));
    assert.match(error.message, /^compose\.yaml:6:9: The volume \.\/src is a directory of this/);
    assert.match(error.hint, /^Then compose\.yaml:7:19: The network_mode host leaves no room/);
    // What is left alone is nobody's concern.
    assert.doesNotMatch(error.hint, /dump/);
    return true;
  });
});

test("a build is not concerned by it", { skip }, async (t) => {
  await inProject(t, { "compose.yaml": local });
  const told: ReportEvent[] = [];
  const config = await readConfig([], createContext({ report: (event) => told.push(event) }));
  assert.deepEqual(
    config?.services.map(({ name }) => name),
    ["web"],
  );
  assert.deepEqual(told, []);
});

test("contradictions that a build would meet are told as well", { skip }, async (t) => {
  const text = `
services:
  web: {build: ., platform: linux/arm64, x-transship: {platforms: [linux/amd64]}}
`;
  await assert.rejects(read(t, text), (error) => {
    assert.ok(isFailure(error, "CONFIG_INVALID"), String(error));
    assert.match(error.message, /^compose\.yaml:3:29: The service runs on linux\/arm64/);
    return true;
  });
});
