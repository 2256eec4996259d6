import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { type BlobIdentity, readBlob } from "./blob.ts";

const content = Buffer.alloc(2_500_000, "transship ");
const blob: BlobIdentity = { digest: digestOf(content), size: content.length };

async function readAll(identity: BlobIdentity, file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBlob(identity, file)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function isDamaged(problem: RegExp) {
  return (error: unknown) => isFailure(error, "STORE_BLOB_DAMAGED") && problem.test(error.message);
}

test("a blob that is what its digest says comes whole", async (t) => {
  const file = path.join(await temporaryDirectory(t), "blob");
  await writeFile(file, content);
  assert.ok((await readAll(blob, file)).equals(content));
});

test("an empty blob is a blob", async (t) => {
  const file = path.join(await temporaryDirectory(t), "blob");
  await writeFile(file, "");
  assert.equal((await readAll({ digest: digestOf(""), size: 0 }, file)).length, 0);
});

test("one flipped bit is found, at the last step at the latest", async (t) => {
  const file = path.join(await temporaryDirectory(t), "blob");
  const flipped = Buffer.from(content);
  flipped.writeUInt8(flipped.readUInt8(1_200_000) ^ 1, 1_200_000);
  await writeFile(file, flipped);
  await assert.rejects(readAll(blob, file), isDamaged(/its bytes are sha256:/));
});

test("a blob that is too short or too long is refused before its first byte", async (t) => {
  const file = path.join(await temporaryDirectory(t), "blob");
  for (const size of [content.length - 1, content.length + 1]) {
    await writeFile(file, Buffer.alloc(size));
    await assert.rejects(readBlob(blob, file).next(), isDamaged(/bytes instead of 2500000/));
  }
});

test("a blob that is cut while it is read is damaged", async (t) => {
  const file = path.join(await temporaryDirectory(t), "blob");
  await writeFile(file, content);
  const reading = readBlob(blob, file);
  await reading.next();
  await writeFile(file, "");
  await assert.rejects(reading.next(), isDamaged(/it ends \d+ bytes too early/));
});

test("a blob that is not there is missing, not damaged", async (t) => {
  const file = path.join(await temporaryDirectory(t), "blob");
  await assert.rejects(
    readAll(blob, file),
    (error) => isFailure(error, "STORE_BLOB_MISSING") && error.facts["path"] === file,
  );
});

test("what is no regular file is refused, and a FIFO does not hang the reader", async (t) => {
  const directory = await temporaryDirectory(t);
  const fifo = path.join(directory, "fifo");
  const folder = path.join(directory, "folder");
  execFileSync("mkfifo", [fifo]);
  await mkdir(folder);
  for (const file of [fifo, folder])
    await assert.rejects(readAll(blob, file), isDamaged(/it is not a regular file/));
});
