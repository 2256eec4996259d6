import assert from "node:assert/strict";
import { test } from "node:test";
import { digest, imageId, type ReleaseChanges, releaseOf } from "../../test/deploy/release.ts";
import { environmentText } from "./environment.ts";
import { parseReleaseId } from "./names.ts";
import { parseRecord, releaseFiles } from "./record.ts";

const files = [{ name: "0-secret", target: "/run/secrets/key", content: "battery staple" }];
const environment = { TOKEN: "correct horse", LINES: "a\nb" };

function written(changes: ReleaseChanges = {}, at = 0) {
  const release = releaseOf({ ...changes, run: { environment, files, ...changes.run } });
  const text = environmentText(release.run.environment, "docker");
  return releaseFiles(release, text, { who: "ann@mac", now: new Date(at), keep: 5 });
}

const fingerprint = (changes?: ReleaseChanges, at?: number) =>
  parseRecord(written(changes, at)["record.json"] ?? "")?.fingerprint;

test("a record has all that made the release, and no value of its environment", () => {
  const { "record.json": record = "", ...others } = written();
  assert.deepEqual(parseRecord(record), {
    schemaVersion: 1,
    app: "shop",
    release: "v1",
    image: "shop:1",
    digest,
    imageId,
    fingerprint: fingerprint(),
    who: "ann@mac",
    createdAt: "1970-01-01T00:00:00.000Z",
    environment: ["LINES", "TOKEN"],
    keep: 5,
  });
  assert.doesNotMatch(record, /correct horse|battery staple/);
  assert.equal(record.trimEnd().split("\n").length, 1);
  assert.deepEqual(Object.keys(others).toSorted(), ["environment", "file-0-secret", "settings"]);
  assert.equal(others["environment"], "TOKEN=correct horse\n");
  assert.equal(others["file-0-secret"], "battery staple");
  // A value of several lines has no other place.
  assert.doesNotMatch(others["settings"] ?? "", /correct horse|battery staple/);
});

test("a record of before, which does not say how many releases stay, is read", () => {
  const { keep, ...before } = parseRecord(written()["record.json"] ?? "") ?? {};
  assert.deepEqual(parseRecord(JSON.stringify(before)), before);
  assert.equal(parseRecord(JSON.stringify({ ...before, keep: 0 })), undefined);
  assert.equal(keep, 5);
});

test("two releases that differ in their names and times alone are the same", () => {
  assert.equal(fingerprint({ id: parseReleaseId("v2") }, 7), fingerprint());
});

const changes: Readonly<Record<string, ReleaseChanges>> = {
  "the image": { imageId: digest },
  "a variable's value": { run: { environment: { ...environment, TOKEN: "x" } } },
  "a value of several lines": { run: { environment: { ...environment, LINES: "a\nc" } } },
  "a file's content": {
    run: { files: [{ name: "0-secret", target: "/run/secrets/key", content: "x" }] },
  },
  "a port": { run: { publish: [{ host: 80, container: 80, protocol: "tcp" }] } },
  "an option": { run: { options: ["--memory", "256m"] } },
  "its gate": { gate: { goodAnswers: 4 } },
  "its watch": { bakeSeconds: 31 },
};
for (const [what, changed] of Object.entries(changes))
  test(`another is one with another of ${what}`, () => {
    assert.notEqual(fingerprint(changed), fingerprint());
  });

test("a name that stands in other values is no part of what they are told by", () => {
  // Its name is one letter, which others have too.
  const run = { options: ["--memory", "256m"] };
  const one = fingerprint({ id: parseReleaseId("m"), run });
  assert.equal(fingerprint({ id: parseReleaseId("e"), run }), one);
});

test("what is no record is none", () => {
  for (const text of ["", "{", "null", "[]", "{}", '{"schemaVersion":2}'])
    assert.equal(parseRecord(text), undefined, text);
});
