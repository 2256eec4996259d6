/** What the words and flags of a deploy ask for; a project is read by the real `docker compose config`. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { inProject, withoutBuildx, withoutCompose } from "../../test/compose.ts";
import { unsaid } from "../../test/deploy/flags.ts";
import { temporaryDirectory } from "../../test/directory.ts";
import { createContext } from "../context.ts";
import type { DeployOptions } from "../deploy/deploy.ts";
import { isFailure, type ErrorCode } from "../errors.ts";
import type { ReportEvent } from "../process/report.ts";
import type { DeployFlags } from "./commands/deploy.ts";
import { attachOptions, readDeploys } from "./deploying.ts";

const told: ReportEvent[] = [];
const context = createContext({
  env: { ...process.env, SHOP_KEY: "correct horse" },
  report: (event) => told.push(event),
});
const to = ["deploy@web1"];

async function read(flags: Partial<DeployFlags>, ...words: readonly string[]) {
  return await readDeploys(words, { ...unsaid, ...flags }, context);
}

async function only(flags: Partial<DeployFlags>, ...words: readonly string[]) {
  const [one, another] = await read(flags, ...words);
  assert.ok(one !== undefined && another === undefined);
  return one;
}

async function assertFails(work: () => Promise<unknown>, code: ErrorCode, words: RegExp) {
  await assert.rejects(work, (error) => {
    assert.ok(isFailure(error, code), String(error));
    assert.match(error.message, words);
    return true;
  });
}

/** In a directory without a project. */
async function nowhere(t: TestContext): Promise<void> {
  const before = process.cwd();
  process.chdir(await temporaryDirectory(t));
  t.after(() => process.chdir(before));
}

const kindOf = ({ app, source }: DeployOptions) => [String(app), source.kind];

test("an image is deployed as what its repository is called", async (t) => {
  await nowhere(t);
  const one = await only(
    { to, image: "registry.example.org:5000/team/shop:2" },
    "--memory",
    "256m",
  );
  assert.deepEqual(kindOf(one), ["shop", "image"]);
  assert.deepEqual(one.wishes.run.options, ["--memory", "256m"]);
  assert.deepEqual(one.servers, [{ host: "web1", user: "deploy" }]);
  const named = await only({ to, image: "oci:layout", app: "shop" });
  assert.deepEqual(kindOf(named), ["shop", "image"]);
  assert.deepEqual(kindOf(await only({ to, image: "oci:layout", name: "team/shop:2" })), [
    "shop",
    "image",
  ]);
});

test("an image that is called by nothing wants a name, and one that no app can have another", async (t) => {
  await nowhere(t);
  await assertFails(
    async () => await read({ to, image: "oci:layout" }),
    "USAGE",
    /No app is named/,
  );
  await assertFails(
    async () => await read({ to, image: "a", app: "../x" }),
    "APP_INVALID",
    /"\.\.\/x"/,
  );
});

test("servers are named, once each", async (t) => {
  await nowhere(t);
  await assertFails(async () => await read({ image: "shop" }), "USAGE", /No server is named/);
  const twice = ["web1", "web1"];
  await assertFails(async () => await read({ image: "shop", to: twice }), "USAGE", /named twice/);
});

test("a word beside an image is a mistake, and so is one where there is no project", async (t) => {
  await nowhere(t);
  await assertFails(
    async () => await read({ to, image: "shop" }, "web"),
    "USAGE",
    /"web" would be/,
  );
  await assertFails(async () => await read({ to }, "web"), "USAGE", /"web" is no flag/);
});

test("without a project it is what the Dockerfile builds, or has built", async (t) => {
  await nowhere(t);
  assert.deepEqual(kindOf(await only({ to })), ["rustci", "build"]);
  assert.deepEqual(kindOf(await only({ to, build: false })), ["rustci", "image"]);
});

const tried = async (flags: Partial<DeployFlags>) => {
  const { source } = await only({ to, ...flags });
  return source.kind === "build" ? source.test : undefined;
};

test("what is built is tried as it is deployed: with its variables, and on its health path", async (t) => {
  await nowhere(t);
  assert.deepEqual(await tried({ env: ["A=b"], healthPath: "/up" }), {
    environment: { A: "b" },
    health: true,
    healthPath: "/up",
  });
  assert.deepEqual(await tried({ health: false }), { environment: {}, health: false });
  assert.equal(await tried({ test: false }), undefined);
});

test("attaching follows one server, and starts nothing", () => {
  const flags = { ...unsaid, to, app: "shop" };
  const { app, server, keep } = attachOptions([], flags);
  assert.deepEqual([String(app), server.host, keep], ["shop", "web1", undefined]);
  const refused: readonly (readonly [readonly string[], DeployFlags])[] = [
    [["web"], flags],
    [[], { ...flags, to: ["web1", "web2"] }],
    [[], { ...flags, to: [] }],
    [[], { ...unsaid, to }],
  ];
  for (const [words, changed] of refused)
    assert.throws(
      () => attachOptions(words, changed),
      (error) => isFailure(error, "USAGE"),
    );
});

const shop = `name: shop
x-transship: { servers: [deploy@a.example.org] }
services:
  api:
    image: api:1
    ports: ["80:8080"]
    environment: { A: file, B: file }
    depends_on: [worker]
    secrets: [key]
    x-transship: { bake_time: 2s }
  worker:
    image: worker:1
    x-transship: { servers: [b.example.org] }
  db: { image: postgres }
secrets: { key: { environment: SHOP_KEY } }
`;

test(
  "the services of a project, each behind those it depends on",
  { skip: withoutCompose },
  async (t) => {
    await inProject(t, { "compose.yaml": shop });
    told.length = 0;
    const deploys = await read({});
    assert.deepEqual(deploys.map(kindOf), [
      ["shop-worker", "image"],
      ["shop-api", "image"],
    ]);
    const [worker, api] = deploys;
    assert.deepEqual(
      [worker?.servers[0]?.host, api?.servers[0]?.host],
      ["b.example.org", "a.example.org"],
    );
    assert.equal(api?.wishes.bakeSeconds, 2);
    assert.deepEqual(api.wishes.run.files, [
      { name: "0-secret", target: "/run/secrets/key", content: "correct horse" },
    ]);
    assert.deepEqual(api.wishes.run.publish, [{ host: 80, container: 8080, protocol: "tcp" }]);
    const notes = told.flatMap((event) => (event.kind === "note" ? [event.text] : []));
    assert.ok(notes.includes("Read compose.yaml: project shop, api, worker."), notes.join("\n"));
    assert.doesNotMatch(JSON.stringify(told), /correct horse/);
  },
);

test(
  "flags go before the file, for a service that is named",
  { skip: withoutCompose },
  async (t) => {
    await inProject(t, { "compose.yaml": shop });
    const flags = { to, app: "other", publish: ["81:8080"], env: ["B=flag"], bake: "1m" };
    const api = await only(flags, "api", "--cpus", "1");
    assert.deepEqual(kindOf(api), ["other", "image"]);
    assert.deepEqual(api.servers, [{ host: "web1", user: "deploy" }]);
    const { run, bakeSeconds } = api.wishes;
    assert.deepEqual([run.publish[0]?.host, bakeSeconds], [81, 60]);
    assert.deepEqual(run.environment, { A: "file", B: "flag" });
    assert.deepEqual(run.options.slice(-2), ["--cpus", "1"]);
  },
);

test(
  "of several services one has no name and no port of its own",
  { skip: withoutCompose },
  async (t) => {
    await inProject(t, { "compose.yaml": shop });
    const words = /--app and --publish are about one service/;
    await assertFails(async () => await read({ app: "other" }), "USAGE", words);
    await assertFails(async () => await read({ publish: ["81:80"] }), "USAGE", words);
    await assertFails(async () => await read({}, "nope"), "SERVICE_UNKNOWN", /nope/);
  },
);

test("what the project builds is built, unless it was", { skip: withoutBuildx }, async (t) => {
  await inProject(t, {
    "compose.yaml": "name: shop\nservices:\n  web: { build: ., image: web:1 }\n",
    Dockerfile: "FROM scratch\n",
  });
  const { source } = await only({ to });
  assert.ok(source.kind === "build");
  assert.deepEqual([source.name, source.test !== undefined], ["web", true]);
  assert.deepEqual(kindOf(await only({ to, build: false })), ["shop-web", "image"]);
  const untested = (await only({ to, test: false })).source;
  assert.ok(untested.kind === "build" && untested.test === undefined);
});

test(
  "a secret that is not there is told before anything is built",
  { skip: withoutCompose },
  async (t) => {
    await inProject(t, { "compose.yaml": shop.replace("SHOP_KEY", "ABSENT_KEY") });
    await assertFails(async () => await read({}), "SECRET_UNREADABLE", /ABSENT_KEY/);
  },
);
