import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { directoryWith } from "../../../test/directory.ts";
import { isFailure } from "../../errors.ts";
import { digestOf, hexOf } from "../../oci/digest.ts";
import { checkSum, sumLine } from "./sum.ts";

const content = "an archive";
const sum = hexOf(digestOf(content));
const other = hexOf(digestOf("another"));
const { signal } = new AbortController();

for (const name of ["app.tar.zst", "a b.tar", "back\\slash\nline.tar"]) {
  test(`the sum of ${JSON.stringify(name)} is one that sha256sum takes, and we do`, async (t) => {
    const files = { [name]: content, [`${name}.sha256`]: sumLine(sum, `/elsewhere/${name}`) };
    const directory = await directoryWith(t, files);
    assert.equal(await checkSum(path.join(directory, name), signal), true);
    execFileSync("sha256sum", ["--check", "--strict", `${name}.sha256`], { cwd: directory });
  });
}

const right: Readonly<Record<string, string>> = {
  "of a name that it had before": `${sum}  old.tar\n`,
  "in binary mode, with a path, in capitals": `${sum.toUpperCase()} *dist/app.tar\r\n`,
  "alone, without a name": sum,
  "among others": `${other}  other.tar\n${sum}  app.tar\n`,
};
for (const [how, text] of Object.entries(right)) {
  test(`a sum is read that is written ${how}`, async (t) => {
    const directory = await directoryWith(t, { "app.tar": content, "app.tar.sha256": text });
    assert.equal(await checkSum(path.join(directory, "app.tar"), signal), true);
  });
}

test("an archive without a sum beside it is not held against one", async (t) => {
  const directory = await directoryWith(t, { "app.tar": content });
  assert.equal(await checkSum(path.join(directory, "app.tar"), signal), false);
});

test("another sum is an error that names both", async (t) => {
  const directory = await directoryWith(t, {
    "app.tar": content,
    "app.tar.sha256": sumLine(other, "app.tar"),
  });
  await assert.rejects(checkSum(path.join(directory, "app.tar"), signal), (error) => {
    assert.ok(isFailure(error, "ARCHIVE_SUM_DIFFERS"));
    assert.equal(error.exitCode, 1);
    return error.message.includes(sum) && error.message.includes(other);
  });
});

const wrong: Readonly<Record<string, readonly [string, RegExp]>> = {
  "no sum": ["not found\n", /no line of it is a sum/],
  "sums of other archives": [
    `${sum}  one.tar\n${sum}  two.tar\n`,
    /no line of it is about app\.tar/,
  ],
};
for (const [what, [text, problem]] of Object.entries(wrong)) {
  test(`a file with ${what} is no sum of it`, async (t) => {
    const directory = await directoryWith(t, { "app.tar": content, "app.tar.sha256": text });
    await assert.rejects(
      checkSum(path.join(directory, "app.tar"), signal),
      (error) => isFailure(error, "ARCHIVE_SUM_UNREADABLE") && problem.test(error.message),
    );
  });
}

test("a sum of an archive that is not there is told as such", async (t) => {
  const directory = await directoryWith(t, { "app.tar.sha256": sum });
  await assert.rejects(checkSum(path.join(directory, "app.tar"), signal), (error) =>
    isFailure(error, "ARCHIVE_UNREADABLE"),
  );
});
