import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { inProject, withoutCompose } from "../../test/compose.ts";
import { createContext } from "../context.ts";
import { type ErrorCode, isFailure } from "../errors.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { ReportEvent } from "../process/report.ts";
import { readConfig } from "./config.ts";

type Files = Readonly<Record<string, string>>;

async function read(t: TestContext, files: Files, ...wanted: readonly string[]) {
  await inProject(t, files);
  const told: ReportEvent[] = [];
  const context = createContext({ report: (event) => told.push(event) });
  return { told, config: await readConfig(wanted, context) };
}

const nothing: Readonly<Record<string, Files>> = {
  "no file": {},
  "a file that builds nothing": { "compose.yaml": "services: {db: {image: postgres}}\n" },
  "a file that Compose would refuse, and that builds nothing": {
    "compose.yaml": "services: {db: {imige: postgres}}\n",
  },
  "an empty file": { "compose.yaml": "" },
  "waivers alone": { "compose.yaml": "x-transship: {waivers: []}\n" },
};
for (const [name, files] of Object.entries(nothing)) {
  test(`${name} is no project to build`, async (t) => {
    assert.equal((await read(t, files)).config, undefined);
  });
}

const skip = withoutCompose;

test("what Compose says of a build is what a build is asked for", { skip }, async (t) => {
  const { config } = await read(t, {
    "compose.yaml": `
name: shop
x-transship:
  platforms: [linux/arm64]
  push: \${PUSH:-true}
  registry: q.example.org
  waivers: [{rule: label, reason: it costs $$5, until: 2031-12-31}]
services:
  web:
    image: registry.example.org/\${TEAM:-team}/web:1
    build:
      context: ./web
      dockerfile: Dockerfile.prod
      target: prod
      args: {PRICE: $$5, NOTHING: , LEVEL: 3}
      secrets: [npm, {source: token, target: t}]
      ssh: [default, key=/keys/id]
      additional_contexts: {base: docker-image://debian, lib: ./lib}
      cache_from: ["type=local,src=c"]
      platforms: [linux/amd64, linux/arm64]
      labels: {a: b}
      no_cache: true
    environment: {PASSWORD: hunter2}
    x-transship: {builder: mine, no_emulation: true, cpu: x86-64-v2, cache: {to: ["type=inline"]}}
  worker: {build: .}
  db: {image: postgres}
secrets:
  npm: {file: ./.npmrc}
  token: {environment: HOME}
`,
  });
  assert.ok(config !== undefined);
  assert.deepEqual([config.project, config.files], ["shop", ["compose.yaml"]]);
  const [web, worker] = config.services;
  assert.deepEqual(
    config.services.map(({ name }) => name),
    ["web", "worker"],
  );
  const { platforms = [], cpu, waivers, ...rest } = web?.options ?? {};
  assert.deepEqual(platforms.map(formatPlatform), ["linux/amd64", "linux/arm64"]);
  assert.deepEqual(cpu, { kind: "x86-64", level: 2 });
  assert.deepEqual(waivers, [{ rule: "label", reason: "it costs $5", until: "2031-12-31" }]);
  assert.deepEqual(rest, {
    image: "registry.example.org/team/web:1",
    context: "web",
    dockerfile: "web/Dockerfile.prod",
    target: "prod",
    buildArgs: ["LEVEL=3", "PRICE=$5"],
    secrets: ["id=npm,src=.npmrc", "id=t,env=HOME"],
    ssh: ["default", "key=/keys/id"],
    buildContexts: ["base=docker-image://debian", "lib=lib"],
    cacheFrom: ["type=local,src=c"],
    cacheTo: ["type=inline"],
    noCache: true,
    passthrough: ["--label", "a=b"],
    builder: "mine",
    emulation: false,
    push: true,
  });
  assert.equal(worker?.options.image, "shop-worker:latest");
  assert.equal(worker.options.registry, "q.example.org");
  assert.deepEqual(worker.options.platforms?.map(formatPlatform), ["linux/arm64"]);
  assert.doesNotMatch(JSON.stringify(config), /hunter2/);
});

const several = `
services:
  web:
    build: {context: ., additional_contexts: {base: "service:base"}}
  base:
    build: {context: ., dockerfile_inline: "FROM scratch"}
  other: {build: .}
  tool: {build: ., profiles: [tools]}
  db: {image: postgres}
`;
const chosen: readonly (readonly [readonly string[], readonly string[]])[] = [
  [[], ["base", "other", "web"]],
  [["other"], ["other"]],
  // With what it is built on.
  [["web"], ["base", "web"]],
  // Out of its profile.
  [
    ["tool", "other"],
    ["other", "tool"],
  ],
];
for (const [wanted, names] of chosen) {
  test(`transship build ${wanted.join(" ")} is of ${names.join()}`, { skip }, async (t) => {
    const { config } = await read(t, { "compose.yaml": several }, ...wanted);
    assert.deepEqual(config?.services.map(({ name }) => name).toSorted(), names);
  });
}

test("a Dockerfile in the file, and an image to build on, are handed on", { skip }, async (t) => {
  const { config } = await read(t, { "compose.yaml": several }, "web");
  const [base, web] = config?.services.toSorted((a, b) => (a.name < b.name ? -1 : 1)) ?? [];
  assert.equal(base?.inlineDockerfile, "FROM scratch");
  assert.deepEqual(web?.needs, [{ name: "base", service: "base" }]);
  assert.deepEqual(web.options.buildContexts, []);
});

test("what changes nothing is said, and what Compose warns of", { skip }, async (t) => {
  const { told } = await read(t, {
    "compose.yaml":
      "services:\n  web:\n    build:\n      context: .\n      tags: [a]\n      args: {A: $UNSET_HERE}\n    x-tranship: {}\nx-other: 1\n",
  });
  const texts = told.map((event) => ("text" in event ? event.text : ""));
  assert.match(texts[0] ?? "", /"UNSET_HERE" variable is not set/);
  assert.equal(
    texts[1],
    "compose.yaml:7:5: x-tranship is read by nobody. Did you mean x-transship?",
  );
  assert.match(texts[2] ?? "", /^compose\.yaml:5:7: build\.tags changes nothing here/);
});

const head = "services:\n  web:\n    build: .\n";
const wrong: readonly (readonly [string, Files, ErrorCode, RegExp])[] = [
  [
    "an unknown key at the top",
    { "compose.yaml": `x-transship:\n  platfroms: [linux/amd64]\n${head}` },
    "CONFIG_INVALID",
    /^compose\.yaml:2:3: x-transship has no key "platfroms"\. Did you mean platforms\?$/,
  ],
  [
    "an unknown key of a service",
    { "compose.yaml": `${head}    x-transship: {cache: {form: []}}\n` },
    "CONFIG_INVALID",
    /^compose\.yaml:4:27: services\.web\.x-transship\.cache has no key "form"\. Did you mean from\?$/,
  ],
  [
    "a wrong type",
    { "compose.yaml": `${head}x-transship:\n  builder: [a]\n` },
    "CONFIG_INVALID",
    /^compose\.yaml:5:12: x-transship\.builder: expected string, received array\.$/,
  ],
  [
    "a platform that there is not",
    { "compose.yaml": `${head}x-transship:\n  platforms: [linux/amd64, linux/amd65]\n` },
    "CONFIG_INVALID",
    /^compose\.yaml:5:28: x-transship\.platforms\[1\]: "linux\/amd65" is not a platform/,
  ],
  [
    "a waiver without a reason, in the override",
    {
      "compose.yaml": `${head}x-transship: {waivers: []}\n`,
      "compose.override.yaml": "x-transship:\n  waivers:\n    - {rule: label, until: 2031-01-01}\n",
    },
    "CONFIG_INVALID",
    /^compose\.override\.yaml:3:7: x-transship\.waivers\[0\]\.reason is missing\.$/,
  ],
  [
    "platforms that disagree",
    {
      "compose.yaml": `${head}    platform: linux/arm64\n    x-transship: {platforms: [linux/amd64]}\n`,
    },
    "CONFIG_INVALID",
    /^compose\.yaml:4:15: The service runs on linux\/arm64, for which/,
  ],
  [
    "two registries",
    {
      "compose.yaml": `${head}    image: r.example.org/app\n    x-transship: {registry: q.example.org}\n`,
    },
    "CONFIG_INVALID",
    /^compose\.yaml:5:29: The image r\.example\.org\/app names its registry itself/,
  ],
  [
    "a digest of what is built",
    { "compose.yaml": `${head}    image: app@sha256:${"0".repeat(64)}\n` },
    "CONFIG_INVALID",
    /^compose\.yaml:4:12: The image app@sha256:0+ carries a digest/,
  ],
  [
    "a secret from a variable that is not set",
    {
      "compose.yaml": `services:\n  web:\n    build: {context: ., secrets: [s]}\nsecrets: {s: {environment: UNSET_HERE}}\n`,
    },
    "CONFIG_INVALID",
    /^compose\.yaml:3:34: The secret s comes from the variable UNSET_HERE, which is not set/,
  ],
  [
    "what Compose refuses",
    { "compose.yaml": `${head}    imige: a\n` },
    "COMPOSE_INVALID",
    /^compose\.yaml:4:5: docker compose does not take it: services\.web additional properties 'imige' not allowed/,
  ],
  [
    "what is not YAML",
    { "compose.yaml": "services: {web: {build: .}\n" },
    "COMPOSE_INVALID",
    /^compose\.yaml:2:1: .*yaml: /,
  ],
  [
    "a variable that must be set",
    { "compose.yaml": `${head}    image: app:\${TAG_NOT_SET:?say which}\n` },
    "COMPOSE_INVALID",
    /^compose\.yaml:4:12: .*say which/,
  ],
  [
    "a value of another type",
    { "compose.yaml": "services:\n  web.two:\n    build: {context: ., dockerfile: [1]}\n" },
    "COMPOSE_INVALID",
    /^compose\.yaml:3:37: .*services\.web\.two\.build\.dockerfile must be a string/,
  ],
  [
    "a key at the top that there is not",
    { "compose.yaml": `${head}networs: {}\n` },
    "COMPOSE_INVALID",
    /^compose\.yaml:4:1: .*'networs' not allowed/,
  ],
  [
    "a service that needs one that is not there",
    { "compose.yaml": `${head}    depends_on: [nope]\n` },
    "COMPOSE_INVALID",
    /^compose\.yaml:4:17: .*undefined service "nope"/,
  ],
];
for (const [name, files, code, message] of wrong) {
  test(`${name} is ${code}`, { skip }, async (t) => {
    await assert.rejects(read(t, files), (error) => {
      assert.ok(isFailure(error, code), String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

test("everything that is wrong is told at once", { skip }, async (t) => {
  const text = `x-transship: {puhs: true}\n${head}    x-transship: {platforms: linux/amd64}\n`;
  await assert.rejects(read(t, { "compose.yaml": text }), (error) => {
    assert.ok(isFailure(error, "CONFIG_INVALID"));
    assert.match(error.message, /^compose\.yaml:1:15: .* Did you mean push\?$/);
    assert.match(
      error.hint,
      /^Then compose\.yaml:5:30: services\.web\.x-transship\.platforms: expected array, received string\. /,
    );
    return true;
  });
});

for (const [service, problem] of [
  ["nope", /none of that name/],
  ["db", /no build section/],
] as const) {
  test(`transship build ${service} is SERVICE_UNKNOWN`, { skip }, async (t) => {
    await assert.rejects(read(t, { "compose.yaml": several }, service), (error) => {
      assert.ok(isFailure(error, "SERVICE_UNKNOWN"), String(error));
      assert.match(error.message, problem);
      assert.match(error.hint, /base, other, web/);
      return true;
    });
  });
}
