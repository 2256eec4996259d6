/** The scales of the truth tests themselves: what counts as agreement, and whose words stand for whose. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../src/oci/digest.ts";
import type { Finding, Verdict } from "../src/verify/finding.ts";
import type { VerifyResult } from "../src/verify/verify.ts";
import type { Truth } from "./truth/case.ts";
import { compare, isAsExpected } from "./truth/comparison.ts";
import { mutations } from "./truth/mutation.ts";
import { isPrinted } from "./truth/wording.ts";

const words = "exec /srv/app: exec format error";
const [good, bad] = [
  { starts: true, exitCode: 0, words: "ready\n" },
  { starts: false, exitCode: 1, words: `${words}\n` },
];

function told(verdict: Verdict, prediction?: string): VerifyResult {
  const finding: Finding = {
    rule: "any",
    severity: "error",
    message: "",
    ...(prediction === undefined ? {} : { prediction }),
  };
  const [digest, name] = [digestOf(""), "any"];
  return {
    subject: name,
    verdict,
    image: { name, id: digest, sizeBytes: 0, from: "layout" },
    platforms: [
      {
        platform: "linux/amd64",
        digest,
        verdict,
        label: { architecture: "amd64", os: "linux" },
        findings: verdict === "refuted" ? [finding] : [],
        waived: [],
        unproven: [],
      },
    ],
    findings: [],
    explanations: [],
  };
}

const asked = (truth: Truth) => ({ name: "any", truth, config: { Entrypoint: ["/srv/app"] } });
const disagreement = (result: VerifyResult, judged: typeof good, anyWords = false) =>
  compare({ ...asked({ prints: "ready" }), anyWords }, result, judged).disagreement;

test("proven must start, refuted must not, and one of its sentences must be printed", () => {
  assert.equal(disagreement(told("proven"), good), undefined);
  assert.equal(disagreement(told("proven"), bad), "proven, and it does not start");
  assert.equal(disagreement(told("refuted", words), bad), undefined);
  assert.equal(disagreement(told("refuted", words), good), "refuted, and it starts");
  const silent = "refuted in words that are not printed";
  assert.equal(disagreement(told("refuted", "no such file or directory"), bad), silent);
  assert.equal(disagreement(told("refuted"), bad), silent);
  assert.equal(disagreement(told("refuted"), bad, true), undefined);
  for (const judged of [good, bad]) assert.equal(disagreement(told("unproven"), judged), undefined);
});

test("a case must show what it was made to show", () => {
  assert.ok(isAsExpected(asked({ prints: "ready" }), good));
  assert.ok(!isAsExpected(asked({ prints: "ready" }), bad));
  assert.ok(!isAsExpected(asked({ prints: "steady" }), good));
  assert.ok(isAsExpected(asked({ fails: words }), bad));
  assert.ok(!isAsExpected(asked({ fails: "permission denied" }), bad));
  assert.ok(!isAsExpected(asked({ fails: "ready" }), good));
});

test("what qemu says in the kernel's place counts as the kernel's words, for the program that was started", () => {
  const missing = "aarch64-binfmt-P: Could not open '/lib/ld.so': No such file or directory";
  assert.ok(isPrinted("exec /srv/app: no such file or directory", missing, "/srv/app"));
  assert.ok(!isPrinted("exec /srv/other: no such file or directory", missing, "/srv/app"));
  assert.ok(!isPrinted("exec /srv/app: exec format error", missing, "/srv/app"));
  const invalid = "arm-binfmt-P: /srv/app: Invalid ELF image for this architecture";
  assert.ok(isPrinted(words, invalid, "/srv/app"));
  assert.ok(!isPrinted("exec /srv/app: permission denied", invalid, "/srv/app"));
});

test("one seed gives the same damage again, another seed another", () => {
  assert.deepEqual(mutations(1, 20), mutations(1, 20));
  assert.notDeepEqual(mutations(1, 20), mutations(2, 20));
});
