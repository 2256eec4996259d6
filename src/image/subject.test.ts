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
};

for (const [text, expected] of Object.entries(subjects)) {
  test(`${text} is ${expected}`, () => {
    const subject = parseSubject(text);
    assert.equal(`${subject.transport} ${formatSubject(subject)}`, expected);
  });
}

for (const [text, code] of [
  ["oci:", "SUBJECT_INVALID"],
  ["oci-archive:file.tar", "SUBJECT_INVALID"],
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
