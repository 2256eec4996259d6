import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { digestOf } from "./digest.ts";
import { canonicalName, familiarName, parseReference, withTag } from "./reference.ts";

const digest = digestOf("");
const canonical: Readonly<Record<string, string>> = {
  debian: "docker.io/library/debian",
  "debian:bookworm-slim": "docker.io/library/debian:bookworm-slim",
  "me/app:1": "docker.io/me/app:1",
  "docker.io/debian": "docker.io/library/debian",
  "index.docker.io/me/app": "docker.io/me/app",
  "localhost/app": "localhost/app",
  "localhost:5000/app:1": "localhost:5000/app:1",
  "registry.example.org/team/app:v1.2": "registry.example.org/team/app:v1.2",
  [`registry.example.org/app@${digest}`]: `registry.example.org/app@${digest}`,
  [`app:1@${digest}`]: `docker.io/library/app:1@${digest}`,
  "[::1]:5000/app": "[::1]:5000/app",
};

for (const [text, full] of Object.entries(canonical)) {
  test(`${text} is ${full}`, () => {
    const reference = parseReference(text);
    assert.equal(canonicalName(reference), full);
    assert.deepEqual(parseReference(canonicalName(reference)), reference);
    assert.deepEqual(parseReference(familiarName(reference)), reference);
  });
}

for (const text of [
  "",
  "Rustci",
  "app:",
  "app:-x",
  "app@sha256:1",
  "a//b",
  "app:1:2",
  "/app",
  "app/",
  " app",
  "-app",
]) {
  test(`"${text}" is no image name`, () => {
    assert.throws(
      () => parseReference(text),
      (error) => isFailure(error, "REFERENCE_INVALID"),
    );
  });
}

test("another tag drops the digest, which belongs to the old one", () => {
  assert.equal(
    familiarName(withTag(parseReference(`app:1@${digest}`), "local-amd64")),
    "app:local-amd64",
  );
});
