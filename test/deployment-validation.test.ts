/** The validation that the drop-in script shows: its documented JSON, and the same for people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { validationOf, validationText } from "../scripts/deployment/validation.js";

const expected = { image: "app:1", arch: "amd64", os: "linux", status: 0, detailed: false };
const image = { name: "app:1", id: "sha256:12", sizeBytes: 3_670_016, created: "2026-01-02" };
const label = { architecture: "amd64", os: "linux" };
const finding = { rule: "label", severity: "error", message: "It is another.", fix: "Build it." };
const proven = { label, verdict: "unproven", findings: [], unproven: ["Half of it."] };
const document = { verdict: "unproven", image, platforms: [proven] };
const refuted = {
  verdict: "refuted",
  image,
  platforms: [
    {
      ...proven,
      label: { architecture: "arm64", os: "linux", variant: "v8" },
      findings: [finding],
    },
  ],
};
const missing = { error: { code: "IMAGE_MISSING", message: "There is no image app:1." } };
const plain = (_colour: string, text: string) => text;

test("the validation has the documented keys", () => {
  assert.deepEqual(validationOf(document, expected), {
    image_name: "app:1",
    image_id: "sha256:12",
    actual_architecture: "amd64",
    actual_os: "linux",
    expected_architecture: "amd64",
    expected_os: "linux",
    platform_string: "linux/amd64",
    size_bytes: 3_670_016,
    size_mb: 3.5,
    created_date: "2026-01-02",
    validation_result: "pass",
    architecture_match: true,
    os_match: true,
    verdict: "unproven",
  });
});

test("the kernel's word for an architecture is the same architecture", () => {
  for (const arch of ["x86_64", "AMD64", "x86-64"])
    assert.equal(validationOf(document, { ...expected, arch }).validation_result, "pass");
});

test("another architecture, variant or system fails", () => {
  const other = validationOf(refuted, { ...expected, status: 1 });
  assert.equal(other.validation_result, "fail");
  assert.deepEqual([other.architecture_match, other.os_match], [false, true]);
  assert.equal(other.platform_string, "linux/arm64/v8");
  const windows = validationOf(document, { ...expected, os: "windows" });
  assert.equal(windows.validation_result, "fail");
  assert.deepEqual([windows.architecture_match, windows.os_match], [true, false]);
  const v6 = { ...proven, label: { architecture: "arm", os: "linux", variant: "v6" } };
  const arm = validationOf({ ...document, platforms: [v6] }, { ...expected, arch: "armhf" });
  assert.deepEqual([arm.expected_architecture, arm.architecture_match], ["arm/v7", false]);
});

test("a right label on a wrong program fails", () => {
  const platforms = [{ ...proven, verdict: "refuted", findings: [finding] }];
  const found = validationOf({ verdict: "refuted", image, platforms }, { ...expected, status: 1 });
  assert.deepEqual([found.validation_result, found.architecture_match], ["fail", true]);
});

test("an image that could not be read fails, with the reason", () => {
  const found = validationOf(missing, { ...expected, status: 1, detailed: true });
  assert.equal(found.validation_result, "fail");
  assert.equal(found.error, "There is no image app:1.");
  assert.deepEqual([found.image_name, found.image_id, found.size_mb], ["app:1", null, null]);
  assert.match(validationText(found, plain), /^✗ app:1 could not be validated: There is no image/);
});

test("--detailed adds what was found, and what was not checked", () => {
  const text = validationText(validationOf(refuted, { ...expected, detailed: true }), plain);
  assert.match(text, /^Architecture {2}arm64 ✗ expected amd64$/m);
  assert.match(text, /^error\[label\] It is another\.\n {2}→ Build it\.$/m);
  assert.match(text, /^Not checked {3}Half of it\.$/m);
  assert.match(text, /✗ Validation failed$/);
  const short = validationText(validationOf(document, expected), plain);
  assert.ok(!short.includes("Half of it"));
  assert.match(short, /✓ Validation passed: linux\/amd64$/);
});
