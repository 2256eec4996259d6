import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { isFailure } from "../errors.ts";
import { changeNames, readNames } from "./names.ts";
import { versionProblem } from "./layout.ts";

const never = new AbortController().signal;

test("a FIFO in place of index.json or oci-layout is told, and not waited for", async (t) => {
  if (process.platform === "win32") return t.skip("Windows has no mkfifo");
  const directory = await temporaryDirectory(t);
  for (const name of ["index.json", "oci-layout"])
    execFileSync("mkfifo", [path.join(directory, name)]);
  assert.match((await versionProblem(directory)) ?? "", /it is not a regular file/);
  await assert.rejects(readNames(directory), (error) => isFailure(error, "STORE_INDEX_DAMAGED"));
  await assert.rejects(
    changeNames(directory, (entries) => entries, never),
    (error) => isFailure(error, "STORE_INDEX_DAMAGED"),
  );
});

test("a document that is larger than any real one is not read", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "index.json");
  await writeFile(file, "{");
  await truncate(file, 100_000_000);
  await assert.rejects(
    readNames(directory),
    (error) => isFailure(error, "STORE_INDEX_DAMAGED") && /100000000 bytes/.test(error.message),
  );
});
