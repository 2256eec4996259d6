import assert from "node:assert/strict";
import { test } from "node:test";
import { appFacts } from "../../test/deploy/release.ts";
import { type FactsChanges, serverFacts } from "../../test/ship/server-facts.ts";
import { parsePlatform } from "../platform/platform.ts";
import type { AppFacts } from "./facts.ts";
import { parseAppName, parseReleaseId } from "./names.ts";
import { type DeployNeeds, preflightDeploy } from "./preflight.ts";
import { plainRun, type PublishedPort } from "./run-arguments.ts";

interface Case {
  readonly server?: FactsChanges;
  readonly app?: Partial<AppFacts>;
  readonly needs?: Partial<DeployNeeds>;
  readonly problems: readonly string[];
}

const publish = (...hosts: readonly number[]) => ({
  run: {
    ...plainRun,
    publish: hosts.map((host): PublishedPort => ({ host, container: 80, protocol: "tcp" })),
  },
});
const busy =
  "Somebody is at work on shop there: ann@mac (--attach follows, --force-unlock ends it).";

const cases: Readonly<Record<string, Case>> = {
  "a server that can take it": { needs: publish(80), problems: [] },
  "a port that another container has": {
    app: { publishers: [{ name: "mail", ports: [25, 80] }] },
    needs: publish(80, 8080),
    problems: ["Its port 80 is published by the container mail."],
  },
  "a port on which another program listens": {
    needs: publish(22, 443),
    problems: ["On its port 22 another program listens."],
  },
  "a system that does not say who listens": {
    app: { listening: undefined },
    needs: publish(22),
    problems: [],
  },
  "another architecture": {
    needs: { platforms: [parsePlatform("linux/arm64"), parsePlatform("linux/riscv64")] },
    problems: ["It is linux/amd64, and the image is made for linux/arm64, linux/riscv64."],
  },
  "several architectures, its own among them": {
    needs: { platforms: [parsePlatform("linux/arm64"), parsePlatform("linux/amd64")] },
    problems: [],
  },
  "hardly any room": {
    server: { freeBytes: 42e6 },
    problems: ["Its engine's disk (/var/lib/docker) has 42 MB left."],
  },
  "room enough": { server: { freeBytes: 100e6 }, problems: [] },
  "a release of that name": {
    needs: { release: parseReleaseId("v1") },
    problems: ["It has a release v1 of shop already."],
  },
  "somebody at work": { app: { holder: "ann@mac" }, problems: [busy] },
  "somebody whose work is ended": {
    app: { holder: "ann@mac" },
    needs: { isForced: true },
    problems: [],
  },
  "all of it at once": {
    server: { freeBytes: 1e6 },
    app: { holder: "ann@mac", publishers: [{ name: "mail", ports: [80] }] },
    needs: { ...publish(80, 22), release: parseReleaseId("v2") },
    problems: [
      "Its engine's disk (/var/lib/docker) has 1 MB left.",
      "Its port 80 is published by the container mail.",
      "On its port 22 another program listens.",
      "It has a release v2 of shop already.",
      busy,
    ],
  },
};
for (const [name, { server, app, needs, problems }] of Object.entries(cases)) {
  test(`before a deploy: ${name}`, () => {
    const wanted: DeployNeeds = {
      app: parseAppName("shop"),
      release: undefined,
      run: plainRun,
      strategy: "recreate",
      isSecure: false,
      isForced: false,
      ...needs,
    };
    const found = preflightDeploy(serverFacts(server), appFacts(app), wanted, Date.now());
    assert.deepEqual(found, { problems, warnings: [] });
  });
}

test("what is odd and does no harm is a warning", () => {
  const server = serverFacts({ clockMs: 0 });
  const wanted: DeployNeeds = {
    app: parseAppName("shop"),
    release: undefined,
    run: plainRun,
    strategy: "recreate",
    isSecure: false,
    isForced: false,
  };
  const { problems, warnings } = preflightDeploy(server, appFacts(), wanted, 7_200_000);
  assert.deepEqual(problems, []);
  assert.match(warnings.join("\n"), /clock/);
});
