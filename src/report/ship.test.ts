import assert from "node:assert/strict";
import { test } from "node:test";
import { fail } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import type { ServerOutcome, ShipResult } from "../ship/ship.ts";
import { shipDocument, shipExit, shipText } from "./ship.ts";
import { plain } from "./style.ts";

const digest = digestOf(new TextEncoder().encode("image"));
const layer = { digest: digestOf(new TextEncoder().encode("layer")), size: 3_000_000 };

const shipped: ServerOutcome = {
  kind: "done",
  server: "web1",
  outcome: "shipped",
  via: "registry",
  image: "app:1",
  digest,
  id: digest,
  platform: "linux/amd64",
  emulated: false,
  bytesPredicted: 3_000_000,
  bytesSent: 0,
  bytesTotal: 90_000_000,
  layersSent: 1,
  layersPresent: 3,
  missing: [layer],
  foreignRequests: 0,
  durationMs: 2_000,
};
const planned: ServerOutcome = { ...shipped, outcome: "planned", layersSent: 0 };
const pushed = {
  outcome: "pushed",
  reference: "registry.example.org/app:1",
  pinned: `registry.example.org/app@${digest}`,
  missing: [layer],
  blobsPresent: 4,
  bytesSent: 3_100_000,
  bytesTotal: 90_001_000,
  durationMs: 1_000,
} as const;

function text(result: Omit<ShipResult, "subject" | "digest">): string {
  return shipText({ subject: "app:1", digest, ...result }, plain);
}

test("what went to a registry once has a line of its own", () => {
  const second = { ...shipped, server: "web2" };
  assert.equal(
    text({ servers: [shipped, second], pushed }),
    [
      "✓ registry.example.org/app:1  3.1 MB of 90.0 MB sent, 1 of 5 blobs, 1.0 s",
      "✓ web1                        app:1 (linux/amd64) by registry: 1 of 4 layers pulled (3.0 MB of 90.0 MB foretold), 2.0 s",
      "✓ web2                        app:1 (linux/amd64) by registry: 1 of 4 layers pulled (3.0 MB of 90.0 MB foretold), 2.0 s",
      "2 of 2 servers have it.",
    ].join("\n"),
  );
});

test("a plan names the blobs that the registry lacks, and the layers that each server lacks", () => {
  const short = layer.digest.slice("sha256:".length, "sha256:".length + 12);
  assert.equal(
    text({ servers: [planned, planned], pushed: { ...pushed, outcome: "planned" } }),
    [
      "- registry.example.org/app:1  lacks 1 of 5 blobs, 3.0 MB of 90.0 MB",
      `    blob ${short}, 3.0 MB`,
      "- web1                        app:1 (linux/amd64) would be pulled from there: 3.0 MB of 90.0 MB, 1 of 4 layers",
      `    layer ${short}, 3.0 MB`,
      "- web1                        app:1 (linux/amd64) would be pulled from there: 3.0 MB of 90.0 MB, 1 of 4 layers",
      `    layer ${short}, 3.0 MB`,
      "Nothing was sent (--dry-run).",
    ].join("\n"),
  );
});

test("without a registry there are the servers alone", () => {
  const sent: ServerOutcome = { ...shipped, via: "pull", bytesSent: 3_000_900 };
  assert.equal(
    text({ servers: [sent] }),
    "✓ web1  app:1 (linux/amd64) by pull: 3.0 MB of 90.0 MB sent, 1 of 4 layers (3.0 MB foretold), 2.0 s\n" +
      "Next: ssh web1 docker run --rm app:1",
  );
});

test("what was pushed is counted once, whatever the number of servers", () => {
  const error = fail("SSH_LOST", { target: "web3", reason: "it ended" });
  const failed: ServerOutcome = { kind: "failed", server: "web3", error };
  const servers = [shipped, { ...shipped, server: "web2" }, failed];
  const document = shipDocument({ subject: "app:1", digest, servers, pushed });
  assert.deepEqual(
    [document["bytesSent"], document["layersSent"], document["via"]],
    [3_100_000, 2, "registry"],
  );
  assert.deepEqual(document["pushed"], pushed);
  assert.equal(shipExit({ subject: "app:1", digest, servers }), 4);
});
