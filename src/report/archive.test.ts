import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, hexOf } from "../oci/digest.ts";
import type { ArchiveResult } from "../ship/archive/archive.ts";
import { archiveDocument, archiveText } from "./archive.ts";
import { plain } from "./style.ts";

const digest = digestOf("root");
const sha256 = hexOf(digestOf("archive"));
const written: ArchiveResult = {
  subject: "app:1",
  digest,
  outcome: "written",
  image: "app:1",
  file: "app.tar.zst",
  platforms: [{ platform: "linux/amd64", digest, verdict: "proven" }],
  classic: "linux/amd64",
  sha256,
  bytes: 3_100_000,
  bytesSent: 3_050_000,
  bytesTotal: 3_000_000,
  layersSent: 2,
  layersPresent: 0,
  durationMs: 1_234,
};

test("the text says what is where, its sum as sha256sum prints it, and what comes next", () => {
  const lines = archiveText(written, plain).split("\n");
  assert.equal(lines[0], "✓ app:1 (linux/amd64) is in app.tar.zst: 3.1 MB, 1.2 s");
  assert.equal(lines[1], `${sha256}  app.tar.zst`);
  assert.match(lines[2] ?? "", /transship ship --from app\.tar\.zst/);
});

test("of a stream the sum is told as that of standard input", () => {
  const { file: _file, ...streamed } = written;
  const text = archiveText(streamed, plain);
  assert.match(text, /is in standard output: /);
  assert.ok(text.endsWith(`${sha256}  -`));
});

test("of a dry run it is told that nothing was written", () => {
  const { sha256: _sha256, bytes: _bytes, ...planned } = written;
  const text = archiveText({ ...planned, outcome: "planned" }, plain);
  assert.match(text, /would be written: 3\.0 MB of layers\nNothing was written/);
  const document = archiveDocument({ ...planned, outcome: "planned" });
  assert.deepEqual([document["sha256"], document["bytes"]], [null, null]);
});

test("the document has the keys of every shipment, and the archive's own", () => {
  const { subject: _subject, durationMs: _durationMs, ...known } = written;
  assert.deepEqual(archiveDocument(written), { ...known, via: "archive" });
});
