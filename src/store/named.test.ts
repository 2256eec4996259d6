import assert from "node:assert/strict";
import { test } from "node:test";
import { blobOf } from "../../test/store/fixture.ts";
import { mediaTypes } from "../oci/document.ts";
import type { NamedEntry } from "./layout.ts";
import { displayName, lastBuiltMs, matches } from "./named.ts";

const { descriptor } = blobOf(mediaTypes.manifest, "a manifest");
const entry = (name?: string, tag?: string): NamedEntry => ({
  descriptor,
  ...(name === undefined ? {} : { name }),
  ...(tag === undefined ? {} : { tag }),
});

test("a name is shown as people write it, else the tag, else the digest", () => {
  assert.equal(displayName(entry("docker.io/library/app:1", "1")), "app:1");
  assert.equal(
    displayName(entry("registry.example.org/team/app:1")),
    "registry.example.org/team/app:1",
  );
  assert.equal(displayName(entry("Not A Name")), "Not A Name");
  assert.equal(displayName(entry(undefined, "latest")), ":latest");
  assert.match(displayName(entry()), /^@[0-9a-f]{12}$/);
});

const app = entry("docker.io/library/app:ci-7", "ci-7");
const team = entry("registry.example.org/team/app:1", "1");
const bare = entry(undefined, "latest");

for (const [pattern, expected] of [
  ["app", [app]],
  ["app:ci-7", [app]],
  ["app:ci-*", [app]],
  ["app:ci-?", [app]],
  ["docker.io/library/app:ci-7", [app]],
  ["*", [app, bare]],
  ["**", [app, team, bare]],
  ["registry.example.org/**", [team]],
  ["registry.example.org/team/app", [team]],
  ["latest", [bare]],
  ["ap", []],
  ["app:ci", []],
  ["app.ci-7", []],
  ["[a-z]*", []],
] as const) {
  test(`${pattern} is of ${expected.map(displayName).join(", ") || "nothing"}`, () => {
    assert.deepEqual(
      [app, team, bare].filter((one) => matches(one, pattern)),
      expected,
    );
  });
}

function built(created: string | undefined, writtenMs: number | undefined) {
  const annotations = created === undefined ? {} : { "org.opencontainers.image.created": created };
  const blobs = new Map(
    writtenMs === undefined ? [] : [[descriptor.digest, { bytes: 1, writtenMs }]],
  );
  const dated = { descriptor: { ...descriptor, annotations } };
  return lastBuiltMs(dated, { blobs, takenMs: Date.parse("2026-01-10") });
}

test("an image is as old as its file or its entry, whichever is younger, and never from tomorrow", () => {
  const days = ["2026-01-01", "2026-01-05", "2026-01-10"].map((text) => Date.parse(text));
  assert.equal(built("2026-01-05T00:00:00Z", days[0]), days[1]);
  // SOURCE_DATE_EPOCH.
  assert.equal(built("1970-01-01T00:00:00Z", days[1]), days[1]);
  assert.equal(built("2030-01-01T00:00:00Z", days[0]), days[2]);
  assert.equal(built("yesterday", days[0]), days[0]);
  assert.equal(built("2026-01-01T00:00:00Z", undefined), days[0]);
  assert.equal(built(undefined, undefined), undefined);
});
