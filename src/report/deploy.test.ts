import assert from "node:assert/strict";
import { test } from "node:test";
import { digest } from "../../test/deploy/release.ts";
import type { DeployResult, ServerDeploy } from "../deploy/deploy.ts";
import type { AppOutcome } from "../deploy/deploy-all.ts";
import { parseAppName, parseReleaseId } from "../deploy/names.ts";
import { fail } from "../errors.ts";
import {
  deployExit,
  deploysDocument,
  deploysExit,
  deploysText,
  releaseDocument,
  releaseText,
} from "./deploy.ts";
import { plain } from "./style.ts";

type Done = Extract<ServerDeploy, { readonly kind: "done" }>;

const deployed: Done = {
  kind: "done",
  server: "web1",
  target: { host: "web1" },
  outcome: "deployed",
  release: "v2",
  previous: "v1",
  serving: "v2",
  gapMs: 840,
  backMs: undefined,
  checks: [
    { id: "runtime-architecture", status: "pass", detail: "uname -m says x86_64" },
    { id: "health", status: "pass", detail: "/health answered 200, 3 times in a row" },
    { id: "bake", status: "skip", detail: "not reached" },
  ],
  durationMs: 4_000,
};
const bare: Done = { ...deployed, checks: [] };
const failed: Done = {
  ...bare,
  outcome: "failed",
  serving: "v1",
  gapMs: undefined,
  reason: "/health answered 500",
};
const undone: Done = {
  ...bare,
  outcome: "rolled-back",
  serving: "v1",
  backMs: 640,
  reason: "its main process\u001B[2J ended\nwith exit code 3",
};
const lost: Done = {
  ...bare,
  outcome: "rollback-failed",
  serving: undefined,
  reason: "all is lost",
};
const unreachable: ServerDeploy = {
  kind: "failed",
  server: "web22",
  error: fail("SSH_LOST", { target: "web22", reason: "it ended" }),
};
const untouched: ServerDeploy = { kind: "untouched", server: "web3" };

const app = parseAppName("shop");
function outcome(...servers: readonly ServerDeploy[]): AppOutcome {
  const result: DeployResult = {
    app,
    subject: "shop:2",
    release: parseReleaseId("v2"),
    digest,
    servers,
  };
  return { app, kind: "done", result };
}
const overall = (...servers: readonly ServerDeploy[]) =>
  deploysDocument([outcome(...servers)])["outcome"];
const text = (...servers: readonly ServerDeploy[]) => deploysText([outcome(...servers)], plain);

test("one server: what was checked, what it cost, and how to go back", () => {
  assert.equal(
    text(deployed),
    [
      "✓ web1  v2 serves, 840 ms without an answer",
      "    ✓ runtime-architecture: uname -m says x86_64",
      "    ✓ health: /health answered 200, 3 times in a row",
      "    - bake: not reached",
      "To go back: transship rollback --app shop --to web1",
    ].join("\n"),
  );
});

/** What is told of one server without its checks. */
const lines: Readonly<Record<string, readonly [ServerDeploy, readonly string[]]>> = {
  "the first release": [{ ...bare, previous: undefined, gapMs: undefined }, ["✓ web1  v2 serves"]],
  "what is there already": [
    { ...deployed, outcome: "unchanged" },
    ["✓ web1  v2 serves already", "To go back: transship rollback --app shop --to web1"],
  ],
  "one that fails before the switch": [
    failed,
    [
      "✗ web1  v2 did not get the traffic: /health answered 500; v1 serves",
      "Next: ssh web1 docker ps --filter label=dev.transship.app=shop",
    ],
  ],
  "one that is undone": [
    undone,
    [
      "✗ web1  v2 was undone: its main process·[2J ended·with exit code 3; v1 serves again, 640 ms after the first bad answer",
      "Next: ssh web1 docker ps --filter label=dev.transship.app=shop",
    ],
  ],
  "the first one, undone": [
    { ...undone, previous: undefined, serving: undefined, backMs: undefined, reason: "no" },
    [
      "✗ web1  v2 was undone: no; nothing served before",
      "Next: ssh web1 docker ps --filter label=dev.transship.app=shop",
    ],
  ],
  "one that cannot be undone": [
    lost,
    [
      "✗ web1  v2 was undone, and nothing serves: all is lost",
      "Next: ssh web1 docker ps --filter label=dev.transship.app=shop",
    ],
  ],
  "a plan": [untouched, ["- web3  nothing was done there", "Nothing was done (--dry-run)."]],
};
for (const [name, [server, expected]] of Object.entries(lines))
  test(`the text of ${name}`, () => assert.equal(text(server), expected.join("\n")));

test("the way back names a port and a key as the flags do", () => {
  const target = { host: "web1", user: "ann", port: 2222, identity: "~/.ssh/deploy" };
  const server = "-i ~/.ssh/deploy -p 2222 ann@web1";
  assert.match(
    text({ ...bare, server, target }),
    /^To go back: transship rollback --app shop --to ssh:\/\/ann@web1:2222 --identity ~\/\.ssh\/deploy$/m,
  );
});

test("several servers: a line each, and how many have it", () => {
  assert.equal(
    text(bare, unreachable, untouched),
    [
      "✓ web1   v2 serves, 840 ms without an answer",
      "✗ web22  failed: SSH_LOST",
      "- web3   nothing was done there",
      "1 of 3 servers have the release.",
    ].join("\n"),
  );
  assert.match(text(bare, { ...bare, server: "web2" }), /\n2 of 2 servers have the release\.$/);
});

test("several apps: each under its name, and what was not begun", () => {
  const outcomes: readonly AppOutcome[] = [
    outcome(bare),
    { app, kind: "failed", error: fail("SSH_LOST", { target: "web1", reason: "it ended" }) },
    { app, kind: "skipped" },
  ];
  const said = deploysText(outcomes, plain).split("\n");
  assert.deepEqual(said.slice(0, 2), ["shop", "✓ web1  v2 serves, 840 ms without an answer"]);
  assert.match(said[3] ?? "", /^✗ shop: SSH_LOST: /);
  assert.match(said[4] ?? "", /^ {2}→ /);
  assert.equal(said.at(-1), "- shop: not begun");
  const document = deploysDocument(outcomes);
  assert.ok(Array.isArray(document["apps"]));
  assert.deepEqual(
    document["apps"].map(({ app: name, outcome: came }: { app: string; outcome: string }) => [
      name,
      came,
    ]),
    [
      ["shop", "deployed"],
      ["shop", "failed"],
      ["shop", "skipped"],
    ],
  );
  assert.equal(deploysExit(outcomes), 4);
});

test("the document of one server has its keys at the top", () => {
  const { servers, ...top } = deploysDocument([outcome(deployed)]);
  assert.deepEqual(top, {
    app: "shop",
    outcome: "deployed",
    release: "v2",
    previous: "v1",
    digest,
    gapMs: 840,
    checks: deployed.checks,
  });
  const { kind: _kind, target: _target, ...rest } = deployed;
  assert.deepEqual(servers, [{ ...rest, backMs: null }]);
});

test("the document of several says of each what came of it", () => {
  const { servers, ...top } = deploysDocument([outcome(bare, unreachable, untouched)]);
  assert.deepEqual(top, {
    app: "shop",
    outcome: "mixed",
    release: "v2",
    previous: null,
    digest,
    gapMs: null,
    checks: [],
  });
  assert.ok(Array.isArray(servers));
  const { code, message, hint, facts } = unreachable.error;
  assert.deepEqual(servers.slice(1), [
    { server: "web22", outcome: "failed", error: { code, message, hint, facts } },
    { server: "web3", outcome: "untouched" },
  ]);
});

test("the outcome of all: theirs where they agree, the worst where one is lost", () => {
  assert.deepEqual(
    [overall(bare, bare), overall(undone, undone), overall(bare, undone), overall(bare, lost)],
    ["deployed", "rolled-back", "mixed", "rollback-failed"],
  );
});

const exits: readonly (readonly [readonly ServerDeploy[], number])[] = [
  [[bare], 0],
  [[{ ...bare, outcome: "unchanged" }], 0],
  [[untouched], 0],
  [[failed], 1],
  [[undone], 6],
  [[lost], 7],
  [[unreachable], 4],
  [[bare, failed, untouched], 1],
  [[failed, undone, unreachable], 6],
  [[lost, undone], 7],
];
for (const [servers, code] of exits) {
  const named = servers.map((one) => (one.kind === "done" ? one.outcome : one.kind));
  test(`exit code ${code}: ${named.join(", ")}`, () => {
    assert.equal(deployExit({ servers }), code);
    assert.equal(deploysExit([outcome(...servers)]), code);
  });
}

test("a rollback has no image to tell of", () => {
  const result = { app, servers: [{ ...bare, release: "v1", serving: "v1", previous: "v2" }] };
  assert.match(releaseText(result, plain), /^✓ web1 {2}v1 serves, 840 ms/);
  const document = releaseDocument(result);
  assert.deepEqual(
    [document["release"], document["previous"], "digest" in document],
    ["v1", "v2", false],
  );
});
