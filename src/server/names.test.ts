import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../oci/digest.ts";
import { parseReference } from "../oci/reference.ts";
import type { ServerImage } from "./facts.ts";
import { leftNames, shippedName, shippedNames, temporaryRepository, wasPulled } from "./names.ts";

const digest = digestOf("root");
const repository = temporaryRepository(Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"));

function imageOf(names: readonly string[], digests: readonly string[] = []): ServerImage {
  return { id: digest, names, digests, layers: [] };
}

test("a path for one pull", () => {
  assert.equal(repository, "transship/000102030405060708090a0b0c0d0e0f");
});

test("names of runs that are gone, and of those alone", () => {
  const [live, own, dead] = [40_001, 40_002, 40_003].map(
    (port) => `127.0.0.1:${port}/${repository}`,
  );
  const images = [
    imageOf([`${live}:latest`, `${own}:latest`, `${dead}:latest`, "app:1"]),
    imageOf([], [`${dead}@${digest}`, `app@${digest}`]),
    imageOf([
      "127.0.0.1:40003/transship/short:1",
      `127.0.0.1:40003/${repository}0:1`,
      `127.0.0.1:40003/${repository}/more:1`,
      `127.0.0.1:40003/other/${repository}:1`,
      `127.0.0.2:40003/${repository}:1`,
      `localhost:40003/${repository}:1`,
      `127.0.0.1:/${repository}:1`,
      `example.org/${repository}:1`,
      `transship/shipped/app:1`,
    ]),
  ];
  // Under the port of this run an earlier one may have stood.
  const listening = [22, 40_001, 40_002];
  const gone = [`${own}:latest`, `${dead}:latest`, `${dead}@${digest}`];
  assert.deepEqual(leftNames({ images, listening }, 40_002), gone);
  assert.deepEqual(leftNames({ images, listening }, undefined), gone.slice(1));
});

test("where a server does not tell who listens nothing is called left", () => {
  const images = [imageOf([`127.0.0.1:40003/${repository}:latest`])];
  assert.deepEqual(leftNames({ images, listening: undefined }, undefined), []);
});

/** What an image is called, and the repository of the names that protect it. */
const repositories: Readonly<Record<string, string>> = {
  "app:1": "transship/shipped/app",
  "team/app": "transship/shipped/team/app",
  "docker.io/library/app:1": "transship/shipped/app",
  "registry.example.org/team/app:1": "transship/shipped/registry.example.org/team/app",
  "registry.example.org:5000/app:1": "transship/shipped/registry.example.org-5000/app",
  "Registry.Example.org/app:1": "transship/shipped/registry.example.org/app",
};
const now = new Date("2026-11-27T10:45:00.250Z");
for (const [name, own] of Object.entries(repositories)) {
  test(`what protects ${name}`, () => {
    const reference = parseReference(name);
    const expected = `${own}:20261127T104500-${digest.slice(7, 19)}`;
    assert.equal(shippedName(reference, digest, { now }), expected);
    assert.equal(shippedName(reference, digest, { now, isLoaded: true }), `${expected}-loaded`);
    // An engine takes it for a name.
    parseReference(expected);
  });
}

test("the protecting names of a repository, the newest first", () => {
  const reference = parseReference("app:1");
  const times = ["2026-11-27T10:45:00Z", "2026-12-01T00:00:00Z", "2025-01-01T00:00:00Z"];
  const names = times.map((time) => shippedName(reference, digest, { now: new Date(time) }));
  const [middle = "", newest = "", oldest = ""] = names;
  const others = [
    "transship/shipped/app2:20261127T104500-0123",
    "transship/shipped/app/x:1",
    "app:1",
  ];
  const images = [imageOf([middle, ...others]), imageOf([oldest, newest])];
  assert.deepEqual(shippedNames(images, reference), [newest, middle, oldest]);
});

/** Names and digests of an image, and whether the engine learned its layers' digests. */
const pulls: Readonly<Record<string, readonly [readonly string[], readonly string[], boolean]>> = {
  "pulled from a registry": [["app:1"], [`app@${digest}`], true],
  "built or loaded there": [["app:1"], [], false],
  "shipped by a pull, the temporary name gone": [
    ["transship/shipped/app:20261127T104500-0123"],
    [],
    true,
  ],
  "shipped by a load": [["transship/shipped/app:20261127T104500-0123-loaded"], [], false],
  "shipped by both": [
    [
      "transship/shipped/app:20261127T104500-0123-loaded",
      "transship/shipped/app:20261128T104500-0123",
    ],
    [],
    true,
  ],
  "without a name": [[], [], false],
};
for (const [name, [names, digests, isKnown]] of Object.entries(pulls)) {
  test(`whether the engine knows the layers by their digests: ${name}`, () => {
    assert.equal(wasPulled({ names, digests }), isKnown);
  });
}
