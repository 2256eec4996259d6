import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { digestOf } from "../../oci/digest.ts";
import { type Question, readQuestion } from "./question.ts";

const repository = "transship/000102030405060708090a0b0c0d0e0f";
const base = `/v2/${repository}`;
const digest = digestOf("a blob");

const kind = (url: string, method = "GET") => readQuestion({ method, url }, repository).kind;

const exact: Readonly<Record<string, Question>> = {
  "/v2/": { kind: "ping" },
  [`${base}/manifests/latest`]: { kind: "manifest", reference: "latest" },
  [`${base}/manifests/${digest}`]: { kind: "manifest", reference: digest },
  [`${base}/blobs/${digest}`]: { kind: "blob", digest },
  [`${base}/blobs/${digest}?ns=127.0.0.1%3A40123`]: { kind: "blob", digest },
};
for (const [url, question] of Object.entries(exact)) {
  test(`${url} is answered to GET and HEAD alone`, () => {
    assert.deepEqual(readQuestion({ method: "GET", url }, repository), question);
    assert.deepEqual(readQuestion({ method: "HEAD", url }, repository), question);
    for (const method of [
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "TRACE",
      "get",
      "",
      "M-SEARCH",
    ])
      assert.equal(kind(url, method), "forbidden", method);
  });
}

/** Of the right repository: asked by the engine, and no stranger's. */
const unknown = [
  `${base}/`,
  `${base}/tags/list`,
  `${base}/referrers/${digest}`,
  `${base}/blobs/uploads/`,
  `${base}/blobs/latest`,
  `${base}/blobs/${digest.toUpperCase()}`,
  `${base}/blobs/${digest}/`,
  `${base}/blobs//${digest}`,
  `${base}/blobs/${digest.replace(":", "%3A")}`,
  `${base}/Blobs/${digest}`,
  `${base}/manifests/`,
  `${base}/manifests/../blobs/${digest}`,
  `${base}/../${repository}/blobs/${digest}`,
];
for (const url of unknown) {
  test(`${url} is nothing that there is`, () => assert.equal(kind(url), "unknown"));
}

const foreign: Readonly<Record<string, string>> = {
  nothing: "",
  "the root": "/",
  "an asterisk (OPTIONS *)": "*",
  "no slash behind v2": "/v2",
  "a doubled slash": "//v2/",
  "a doubled slash within": `/v2//${repository}/manifests/latest`,
  "a dot": `/v2/./${repository}/manifests/latest`,
  "two dots": `/v2/other/../${repository}/manifests/latest`,
  "the way out": "/../../etc/passwd",
  "an encoded slash": `/v2/${repository.replace("/", "%2F")}/manifests/latest`,
  "an encoded letter": `/v2/%74${repository.slice(1)}/manifests/latest`,
  "upper case": `${base.toUpperCase()}/manifests/latest`,
  "upper-case digits": `/v2/${repository.replace("0a0b", "0A0B")}/manifests/latest`,
  "the absolute form": `http://127.0.0.1${base}/manifests/latest`,
  "CONNECT's form": "127.0.0.1:443",
  "another repository": `/v2/transship/${"0".repeat(32)}/manifests/latest`,
  "a longer one": `${base}0/manifests/latest`,
  "a shorter one": `${base.slice(0, -1)}/manifests/latest`,
  "the repository alone": base,
  "all repositories": "/v2/_catalog",
  "the first version": "/v1/_ping",
  "a fragment": "/v2/#",
  "a parameter": "/v2/;a",
  "a space behind": "/v2/ ",
  "a line feed behind": "/v2/\n",
  "a line feed before": `\n${base}/manifests/latest`,
  "a NUL behind": "/v2/\0",
  "a carriage return within": `/v2/\r\n${repository}/manifests/latest`,
  "a backslash": `\\v2\\${repository}\\manifests\\latest`,
  "a very long query": `/v2/?${"a".repeat(600)}`,
  "a very long reference": `${base}/manifests/${"a".repeat(600)}`,
};
for (const [name, url] of Object.entries(foreign)) {
  test(`${name} is somebody else's`, () => {
    for (const method of ["GET", "HEAD", "POST", "CONNECT", "OPTIONS"])
      assert.equal(kind(url, method), "foreign");
  });
}

test("before there is a repository every path is a foreign one", () => {
  for (const url of [...Object.keys(exact), "/v2/undefined/manifests/latest"])
    assert.deepEqual(readQuestion({ method: "GET", url }, undefined), { kind: "foreign" });
  assert.deepEqual(readQuestion({}, repository), { kind: "foreign" });
});

test("whatever is asked, only what begins with the exact path is no foreign question", () => {
  const characters = fc.constantFrom(
    ..."/ . % ? # : \\ \0 \r \n 2 v V manifests".split(" "),
    "blobs",
    " ",
    "..",
    "%2F",
    base,
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(characters).map((parts) => parts.join("")),
    fc.string().map((rest) => `${base}/${rest}`),
    fc.string().map((rest) => `${base}/blobs/${digest}${rest}`),
  );
  fc.assert(
    fc.property(text, fc.option(fc.string(), { nil: undefined }), (url, method) => {
      const seen = readQuestion({ url, ...(method === undefined ? {} : { method }) }, repository);
      const [path = ""] = url.split("?");
      if (seen.kind === "blob") assert.equal(path, `${base}/blobs/${seen.digest}`);
      if (seen.kind === "manifest") assert.equal(path, `${base}/manifests/${seen.reference}`);
      if (path !== "/v2/" && !path.startsWith(`${base}/`)) assert.equal(seen.kind, "foreign");
    }),
  );
});
