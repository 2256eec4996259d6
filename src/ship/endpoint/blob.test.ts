/** Blobs whose files are not what the image says: told once, and never taken for whole by whoever asked. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, open, rename, rm, truncate, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { ask, rawClient, readAnswers, requestText } from "../../../test/ship/client.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import {
  type LiveEndpoint,
  openFiles,
  servedEndpoint,
  tellsOpenFiles,
} from "../../../test/ship/live-endpoint.ts";
import { type ErrorCode, isFailure } from "../../errors.ts";
import { digestOf } from "../../oci/digest.ts";
import { sendPart } from "./blob.ts";
import { PieceStock } from "./pieces.ts";

const skipsFiles = {
  skip: tellsOpenFiles ? false : "the system does not tell which files are open",
};

function assertTold({ failures }: LiveEndpoint, code: ErrorCode, words: RegExp): void {
  const [error, ...more] = failures;
  assert.ok(isFailure(error, code), String(error));
  assert.match(error.message, words);
  assert.deepEqual(more, []);
}

const damages: Readonly<
  Record<
    string,
    {
      readonly code: ErrorCode;
      readonly words: RegExp;
      readonly how: (file: string) => Promise<unknown>;
    }
  >
> = {
  "is missing": {
    code: "STORE_BLOB_MISSING",
    words: /missing/,
    how: async (file) => await rm(file),
  },
  "is shorter": {
    code: "STORE_BLOB_DAMAGED",
    words: /has 999 bytes instead of 1000/,
    how: async (file) => await truncate(file, 999),
  },
  "is longer": {
    code: "STORE_BLOB_DAMAGED",
    words: /has 1001 bytes instead of 1000/,
    how: async (file) => await truncate(file, 1001),
  },
  "is a directory": {
    code: "STORE_BLOB_DAMAGED",
    words: /not a regular file/,
    how: async (file) => {
      await rm(file);
      await mkdir(file);
    },
  },
  "is a FIFO": {
    code: "STORE_BLOB_DAMAGED",
    words: /not a regular file/,
    how: async (file) => {
      await rm(file);
      assert.equal(spawnSync("mkfifo", [file]).status, 0);
    },
  },
};
for (const [name, { code, words, how }] of Object.entries(damages)) {
  test(`a blob that ${name}: ${code}, once however often it is asked for`, async (t) => {
    const live = await servedEndpoint(t, { zeros: [1000] });
    const [digest = digestOf("")] = live.zeros;
    await how(live.file(digest));
    for (const method of ["GET", "HEAD", "GET"])
      assert.equal((await ask(live.port, `${live.base}blobs/${digest}`, { method })).status, 500);
    assertTold(live, code, words);
  });
}

test("a blob that may not be read is told of", async (t) => {
  const live = await servedEndpoint(t, { zeros: [1000] });
  const [digest = digestOf("")] = live.zeros;
  await chmod(live.file(digest), 0o000);
  const isRoot = process.geteuid?.() === 0;
  // Root may read it all the same; nobody may not.
  if (isRoot) process.seteuid?.(65_534);
  try {
    assert.equal((await ask(live.port, `${live.base}blobs/${digest}`)).status, 500);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  assertTold(live, "STORE_BLOB_DAMAGED", /EACCES/);
});

test("a file that cannot be read any further is told of", async (t) => {
  const path = `${await temporaryDirectory(t)}/blob`;
  await writeFile(path, "0123456789");
  // Opened for writing alone, it gives the error of the system at each read.
  await using file = await open(path, "a");
  const blob = { digest: digestOf("0123456789"), size: 10 };
  const options = {
    blob,
    path,
    stock: new PieceStock(),
    write: async () => true,
    onSent: () => {},
  };
  await assert.rejects(sendPart(file, { start: 0, end: 9 }, options), {
    code: "STORE_BLOB_DAMAGED",
    message: /EBADF/,
  });
});

test("a file that is cut short while it is sent: the connection is cut as well", async (t) => {
  const live = await servedEndpoint(t, { zeros: [24_000_000] });
  const [digest = digestOf("")] = live.zeros;
  const client = await rawClient(live.port);
  client.send(requestText(`${live.base}blobs/${digest}`));
  await client.until(1000);
  client.socket.pause();
  await truncate(live.file(digest), 1000);
  client.socket.resume();
  const [answer] = readAnswers(await client.ended());
  assert.ok((answer?.body.length ?? 0) < 24_000_000);
  assertTold(live, "STORE_BLOB_DAMAGED", /it ends after \d+ of 24000000 bytes/);
});

test("a file that is replaced while it is sent is sent as it was", skipsFiles, async (t) => {
  const live = await servedEndpoint(t, { zeros: [24_000_000] });
  const [digest = digestOf("")] = live.zeros;
  const client = await rawClient(live.port);
  const headers = { Connection: "close" };
  client.send(requestText(`${live.base}blobs/${digest}`, { headers }));
  await client.until(1000);
  client.socket.pause();
  const other = `${live.file(digest)}.other`;
  await writeFile(other, "another");
  await rename(other, live.file(digest));
  client.socket.resume();
  const [answer] = readAnswers(await client.ended());
  assert.equal(answer?.body.length, 24_000_000);
  assert.deepEqual(live.failures, []);
  // The next one gets none of the other's bytes.
  assert.equal((await ask(live.port, `${live.base}blobs/${digest}`)).status, 500);
  assertTold(live, "STORE_BLOB_DAMAGED", /has 7 bytes/);
  assert.deepEqual(openFiles(live.directory), []);
});
