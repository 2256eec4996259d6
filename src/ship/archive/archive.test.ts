import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { directoryWith, temporaryDirectory } from "../../../test/directory.ts";
import { dockerFiles, elf, imageOf, tarOf } from "../../../test/image/image.ts";
import { imageFor, platformOf, trial } from "../../../test/ship/trial.ts";
import { createContext } from "../../context.ts";
import { type ErrorCode, fail, isFailure } from "../../errors.ts";
import { openImage } from "../../image/open.ts";
import { parseSubject } from "../../image/subject.ts";
import { digestOf, hexOf } from "../../oci/digest.ts";
import { gatherParts } from "../../oci/parts.ts";
import { parsePlatform } from "../../platform/platform.ts";

async function rejected(work: Promise<unknown>, code: ErrorCode, words = /./): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFailure(error, code), String(error));
    assert.match(error.message, words);
    return true;
  });
}

test("the same image gives the same bytes, whatever store it is in, whenever", async (t) => {
  const image = await imageFor(["amd64", "arm64"]);
  const one = await trial(t, image);
  const noted = {
    schemaVersion: 2,
    manifests: [
      {
        ...image.root,
        annotations: {
          "io.containerd.image.name": "docker.io/library/app:1",
          "org.opencontainers.image.created": "2026-11-27T00:00:00Z",
        },
      },
    ],
  };
  const other = await trial(t, { ...image, blobs: new Map([...image.blobs].toReversed()) }, noted);
  const first = await one.write();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const second = await other.write({ to: { file: path.join(other.directory, "b.tar.zst") } });
  assert.equal(first.sha256, second.sha256);
  const bytes = await readFile(one.file);
  assert.equal(hexOf(digestOf(bytes)), first.sha256);
  assert.equal(bytes.length, first.bytes);
  assert.ok(bytes.equals(await readFile(path.join(other.directory, "b.tar.zst"))));

  const { digest, outcome, classic, layersSent, layersPresent, bytesSent, bytesTotal } = first;
  assert.deepEqual([digest, outcome, classic], [image.root.digest, "written", "linux/amd64"]);
  assert.deepEqual([layersSent, layersPresent], [3, 0]);
  assert.ok(bytesSent > bytesTotal && bytesTotal > 300_000);
  assert.deepEqual(
    first.platforms.map(({ platform, verdict }) => [platform, verdict]),
    [
      ["linux/amd64", "proven"],
      ["linux/arm64", "proven"],
    ],
  );
});

test("it is read as a layout and as Docker's, and its parts are the image's own", async (t) => {
  const image = await imageFor(["arm64", "amd64"]);
  const { file, write, directory } = await trial(t, image);
  await write();
  const context = createContext();
  const layout = await openImage(parseSubject(`oci-archive:${file}:app:1`), { store: "" }, context);
  assert.deepEqual(layout.image.root.digest, image.root.digest);
  const parts = await gatherParts(layout.source, layout.image.root);
  for (const blob of parts.blobs) {
    const bytes = await buffer(await layout.source.open(blob));
    assert.ok(bytes.equals(Buffer.from(image.blobs.get(blob.digest) ?? "")));
  }
  await layout.close();
  const docker = await openImage(parseSubject(`docker-archive:${file}`), { store: "" }, context);
  assert.equal(docker.image.platforms[0]?.config.architecture, "amd64");
  await docker.close();
  execFileSync("sha256sum", ["--check", "--strict", "app.tar.zst.sha256"], { cwd: directory });
  assert.deepEqual((await readdir(directory)).toSorted(), ["app.tar.zst", "app.tar.zst.sha256"]);
});

test("a plain one is the same archive unpacked", async (t) => {
  const { file, write, directory } = await trial(t, await imageFor(["amd64"]));
  const { sha256 } = await write({ to: { file: path.join(directory, "app.tar") } });
  await write();
  const plain = await readFile(path.join(directory, "app.tar"));
  assert.equal(hexOf(digestOf(plain)), sha256);
  assert.ok(zstdDecompressSync(await readFile(file)).equals(plain));
});

test("plain layers are packed one by one: of Docker's own archive", async (t) => {
  const text = { content: "the same words again and again\n".repeat(100_000) };
  const { layers, ...one } = platformOf("amd64");
  const image = await imageOf([{ ...one, layers: [...layers.slice(0, 1), { text }] }], "none");
  const saved = await tarOf(await dockerFiles("legacy", { image, tags: ["app:1"] }));
  const directory = await directoryWith(t, { "saved.tar": saved });
  const { file, write } = await trial(t, image);
  const subject = parseSubject(`docker-archive:${directory}/saved.tar`);
  const written = await write({ subject });
  const bytes = await readFile(file);
  assert.equal(written.image, "app:1");
  assert.ok(zstdDecompressSync(bytes).length < 100_000);
  assert.equal((await write({ subject })).sha256, written.sha256);
});

test("one platform of several is its manifest alone", async (t) => {
  const image = await imageFor(["amd64", "arm64"]);
  const { write, file } = await trial(t, image);
  const result = await write({ platform: parsePlatform("linux/arm64") });
  assert.notEqual(result.digest, image.root.digest);
  assert.deepEqual([result.classic, result.layersSent], ["linux/arm64", 2]);
  const opened = await openImage(
    parseSubject(`oci-archive:${file}`),
    { store: "" },
    createContext(),
  );
  assert.deepEqual(
    opened.image.platforms.map(({ descriptor }) => descriptor.digest),
    [result.digest],
  );
  await opened.close();
  await rejected(write({ platform: parsePlatform("linux/riscv64") }), "IMAGE_PLATFORM_MISSING");
});

test("the only platform is the whole image", async (t) => {
  const image = await imageFor(["amd64"]);
  const { write } = await trial(t, image);
  const whole = await write();
  const named = await write({ platform: parsePlatform("linux/amd64") });
  assert.deepEqual([named.digest, named.sha256], [image.root.digest, whole.sha256]);
});

test("its layers are told as they go", async (t) => {
  const { write, events } = await trial(t, await imageFor(["amd64"]));
  await write();
  const tasks = events.flatMap((event) => (event.kind === "task" ? [event.task] : []));
  const done = tasks.filter(({ state }) => state === "done");
  assert.equal(done.length, 2);
  assert.ok(done.every(({ bytes }) => bytes !== undefined && bytes.current === bytes.total));
});

test("what is refuted is not written, unless that is asked for", async (t) => {
  const image = await imageOf([platformOf("amd64", elf(183))]);
  const { write, directory } = await trial(t, image);
  await rejected(write(), "SHIP_REFUTED", /linux\/amd64.*a machine of that platform/);
  assert.deepEqual(await readdir(directory), []);
  const written = await write({ shipAnyway: true });
  assert.equal(written.platforms[0]?.verdict, "refuted");
});

test("a dry run proves it, and writes nothing", async (t) => {
  const { write, directory } = await trial(t, await imageFor(["amd64"]));
  const planned = await write({ dryRun: true });
  assert.deepEqual([planned.outcome, planned.bytesSent, planned.sha256], ["planned", 0, undefined]);
  assert.deepEqual(await readdir(directory), []);
});

test("an interrupt leaves nothing, and the file that was there as it was", async (t) => {
  const { write, directory, file } = await trial(t, await imageFor(["amd64"]));
  await writeFile(file, "before");
  const interruption = new AbortController();
  const seen: (readonly string[])[] = [];
  const work = write(
    {},
    {
      signal: interruption.signal,
      report(event) {
        if (event.kind !== "task" || event.task.state !== "running") return;
        seen.push(readdirSync(directory));
        interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" }));
      },
    },
  );
  await rejected(work, "INTERRUPTED");
  assert.equal(seen[0]?.length, 2);
  assert.deepEqual(await readdir(directory), ["app.tar.zst"]);
  assert.equal(await readFile(file, "utf8"), "before");
});

test("a blob that is damaged leaves nothing", async (t) => {
  const image = await imageFor(["amd64"]);
  const { write, directory, layout } = await trial(t, image);
  const layer = [...image.blobs].find(([, bytes]) => bytes.byteLength > 100_000);
  assert.ok(layer);
  const blob = path.join(layout, "blobs", "sha256", hexOf(layer[0]));
  await writeFile(blob, randomBytes(layer[1].byteLength));
  await rejected(write(), "SHIP_REFUTED");
  await rejected(write({ shipAnyway: true }), "STORE_BLOB_DAMAGED");
  assert.deepEqual(await readdir(directory), []);
});

test("a place where no archive can be is told before the image is read", async (t) => {
  const { write, directory } = await trial(t, await imageFor(["amd64"]));
  const nowhere = path.join(directory, "missing", "app.tar.zst");
  await rejected(write({ to: { file: nowhere } }), "ARCHIVE_NOT_WRITABLE", /no directory/);
  const taken = await temporaryDirectory(t);
  await rejected(write({ to: { file: taken } }), "ARCHIVE_NOT_WRITABLE", /something else/);
});

/** A reader that takes so many bytes, then fails so. */
function failing(bytes: number, error: Error): Writable {
  let taken = 0;
  return new Writable({
    write(chunk: Uint8Array, _encoding, callback) {
      taken += chunk.byteLength;
      callback(taken > bytes ? error : null);
    },
  });
}

test("a stream gets the same bytes, and what stands against it is told by its code", async (t) => {
  const { write } = await trial(t, await imageFor(["amd64"]));
  const { sha256 } = await write();
  const chunks: Uint8Array[] = [];
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, callback) {
      chunks.push(chunk);
      setImmediate(callback);
    },
  });
  const streamed = await write({ to: { stream, name: "a stream" } });
  assert.equal(streamed.sha256, sha256);
  assert.equal(hexOf(digestOf(Buffer.concat(chunks))), sha256);

  for (const [code, expected] of [
    ["ENOSPC", "DISK_FULL"],
    ["EPIPE", "ARCHIVE_NOT_WRITABLE"],
    ["EIO", "ARCHIVE_NOT_WRITABLE"],
  ] as const) {
    const broken = failing(100_000, Object.assign(new Error(code), { code }));
    await rejected(write({ to: { stream: broken, name: "a stream" } }), expected);
    assert.ok(broken.destroyed);
  }
});
