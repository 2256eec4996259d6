import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { formatSubject, parseSubject } from "./subject.ts";

const subjects: Readonly<Record<string, string>> = {
  "app:1": "docker-daemon app:1",
  app: "docker-daemon app:latest",
  // An image of that name, no transport.
  "docker:27": "docker-daemon docker:27",
  "docker-daemon:app:1": "docker-daemon app:1",
  "docker://registry.example.org/app": "docker docker://registry.example.org/app:latest",
  "oci:./layout": "oci oci:./layout",
  "oci:/tmp/layout:app": "oci oci:/tmp/layout:app",
  "oci:layout:docker.io/library/app:1": "oci oci:layout:docker.io/library/app:1",
  "oci:layout:@1": "oci oci:layout:@1",
  "oci-archive:app.tar": "oci-archive oci-archive:app.tar",
  "oci-archive:./app.tar.gz:app": "oci-archive oci-archive:./app.tar.gz:app",
  "docker-archive:/tmp/app.tar:host:5000/app:1":
    "docker-archive docker-archive:/tmp/app.tar:host:5000/app:1",
  "docker-archive:C:\\app.tar:@2": "docker-archive docker-archive:C:\\app.tar:@2",
  // What may be an image's ID is asked for as it was written.
  "1f2e3d4c5b6a": "docker-daemon 1f2e3d4c5b6a",
  "sha256:1f2e": "docker-daemon sha256:1f2e",
  cafe: "docker-daemon cafe",
  "cafe:1": "docker-daemon cafe:1",
};

for (const [text, expected] of Object.entries(subjects)) {
  test(`${text} is ${expected}`, () => {
    const subject = parseSubject(text);
    assert.equal(`${subject.transport} ${formatSubject(subject)}`, expected);
  });
}

for (const [text, code] of [
  ["oci:", "SUBJECT_INVALID"],
  ["oci-archive:", "SUBJECT_INVALID"],
  ["docker-archive::app", "SUBJECT_INVALID"],
  ["docker-archive:app.tar:@x", "SUBJECT_INVALID"],
  ["App", "REFERENCE_INVALID"],
  ["docker://", "REFERENCE_INVALID"],
] as const) {
  test(`${JSON.stringify(text)} is ${code}`, () => {
    assert.throws(
      () => parseSubject(text),
      (error) => isFailure(error, code),
    );
  });
}

test("only what nobody gives an image for a name is never looked for elsewhere", () => {
  assert.deepEqual(["app", "cafe", "cafe:1"].filter(elsewhere), ["app", "cafe", "cafe:1"]);
  const ids = ["1f2e3d4c5b6a", "f".repeat(64), `sha256:${"f".repeat(64)}`, "sha256:1f2e"];
  assert.deepEqual([...ids, "docker-daemon:app"].filter(elsewhere), []);
});

function elsewhere(text: string): boolean {
  const subject = parseSubject(text);
  return subject.transport === "docker-daemon" && subject.elsewhere;
}
