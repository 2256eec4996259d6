import assert from "node:assert/strict";
import { test } from "node:test";
import { appFacts, digest, imageId, served } from "../../test/deploy/release.ts";
import type { ReleaseRecord } from "../deploy/record.ts";
import type { ServerStatus } from "../deploy/status.ts";
import {
  releasesDocument,
  releasesText,
  statusDocument,
  statusExit,
  statusText,
} from "./status.ts";
import { plain } from "./style.ts";

const record: ReleaseRecord = {
  schemaVersion: 1,
  app: "shop",
  release: "v2",
  image: "shop:2",
  digest,
  imageId,
  fingerprint: digest,
  who: "ann\u001B[2J@mac",
  createdAt: new Date(Date.now() - 3 * 86_400_000).toISOString(),
  environment: ["PORT"],
};
const [, container] = appFacts().containers;
const well: ServerStatus = {
  server: "web1",
  serving: "v2",
  releases: [
    { id: "v1", isServing: false },
    { id: "v2", isServing: true, record, ...(container && { container }) },
  ],
  state: served,
  isOrphan: false,
  health: 200,
  containers: appFacts().containers,
};
const { serving: _serving, ...rest } = well;
const nothing: ServerStatus = { ...rest, releases: [], state: undefined, health: "unknown" };
const text = (...servers: readonly ServerStatus[]) => statusText(servers, plain).split("\n");

test("a server that is well", () => {
  assert.deepEqual(text(well), [
    "✓ web1  v2 (shop:2): Up 2 hours, its health path answers 200",
    "    kept: v1",
    "    last: deploy v2 deployed",
  ]);
  assert.equal(statusExit([well]), 0);
});

test("one whose health path is not asked is well as long as it runs", () => {
  const silent = { ...well, health: "unknown" } as const;
  assert.match(text(silent)[0] ?? "", /^✓ .* its health path is not asked$/);
  assert.equal(statusExit([silent]), 0);
});

const ill: Readonly<Record<string, readonly [ServerStatus, RegExp]>> = {
  "nothing serves": [nothing, /^✗ web1 {2}nothing serves$/],
  "it answers something else": [{ ...well, health: 500 }, /^✗ .* its health path answers 500$/],
  "it does not answer": [{ ...well, health: "nothing" }, /^✗ .* does not answer$/],
  "its container is gone": [
    { ...well, releases: [{ id: "v2", isServing: true }] },
    /^✗ web1 {2}v2: its container is gone, /,
  ],
};
for (const [name, [server, line]] of Object.entries(ill))
  test(`not well: ${name}`, () => {
    assert.match(text(server)[0] ?? "", line);
    assert.equal(statusExit([well, server]), 1);
  });

test("who is at work, what was broken off, and why the last one did not stay", () => {
  assert.ok(text({ ...well, holder: "ann\u0007@mac" }).includes("    at work: ann·@mac"));
  const state = { ...served, phase: "gating", verdict: undefined };
  assert.equal(
    text({ ...well, state, isOrphan: true }).at(-1),
    "    the last deploy was broken off (gating); finish it: transship deploy --attach --to SERVER --app APP",
  );
  const undone = { ...served, verdict: "rolled-back", reason: "it\nsaid no" } as const;
  assert.equal(
    text({ ...well, state: undone }).at(-1),
    "    last: deploy v2 rolled-back: it·said no",
  );
});

test("the document says nothing of what is not there, and that it is not", () => {
  const document = statusDocument([nothing]);
  assert.deepEqual(document, {
    servers: [{ ...nothing, serving: null, holder: null, state: null }],
  });
});

test("releases: a line each, with its age and who made it", () => {
  const lines = releasesText([well, { ...nothing, server: "web2" }], plain).split("\n");
  const shown = digest.slice(0, 19);
  assert.deepEqual(lines, [
    "web1",
    "  v1",
    `✓ v2  shop:2 (${shown}), 3 d, by ann·[2J@mac`,
    "web2",
    "  none is kept",
  ]);
  const gone = { ...well, releases: [{ id: "v2", isServing: true, record }] };
  assert.match(releasesText([gone], plain), /, its container is gone$/);
  assert.deepEqual(releasesDocument([well]), {
    servers: [{ server: "web1", releases: well.releases }],
  });
});
