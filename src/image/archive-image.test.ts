/** Images in archives: as podman, buildx and each docker since 1.10 write them, and as nobody should. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { temporaryDirectory } from "../../test/directory.ts";
import {
  dockerFiles,
  imageOf,
  joined,
  layoutFiles,
  tarOf,
  type TestFiles,
} from "../../test/image/image.ts";
import { createContext } from "../context.ts";
import { type ErrorCode, isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { openImage } from "./open.ts";
import { parseSubject } from "./subject.ts";

const layers = [{ "bin/app": "one" }, { "bin/app": "two", etc: { type: "directory" } }] as const;

/** Writes the file, and opens what it has under that transport. */
async function open(t: TestContext, transport: string, content: Uint8Array, choice = "") {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "image.tar");
  await writeFile(file, content);
  const subject = parseSubject(`${transport}:${file}${choice}`);
  const opened = await openImage(subject, { store: directory }, createContext());
  t.after(async () => await opened.close());
  return { ...opened, path: file };
}

/** The layers of the first platform, whole. */
async function layersOf({ image, source }: Awaited<ReturnType<typeof openImage>>) {
  const descriptors = image.platforms[0]?.manifest.layers ?? [];
  return await Promise.all(
    descriptors.map(async (layer) => await buffer(await source.open(layer))),
  );
}

async function rejected(work: Promise<unknown>, code: ErrorCode, words: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFailure(error, code), String(error));
    assert.match(error.message, words);
    return true;
  });
}

const archives = await Promise.all(layers.map((files) => tarOf(files)));

for (const compression of ["gzip", "zstd", "none"] as const) {
  test(`a layout's archive with layers of compression ${compression} is read in place`, async (t) => {
    const image = await imageOf([{ layers }, { layers, architecture: "arm64" }], compression);
    const opened = await open(t, "oci-archive", await tarOf(layoutFiles(image)));
    assert.equal(opened.from, "archive");
    assert.equal(opened.image.root.digest, image.root.digest);
    assert.equal(opened.image.platforms.length, 2);
    assert.equal(opened.file(image.root.digest), opened.path);
    const [manifest] = opened.image.platforms.map((one) => one.manifest);
    const digests = (await layersOf(opened)).map((bytes) => digestOf(bytes));
    assert.deepEqual(
      digests,
      manifest?.layers.map(({ digest }) => digest),
    );
  });

  for (const style of ["blobs", "legacy"] as const) {
    test(`docker's ${style} archive with layers of compression ${compression} has their digests`, async (t) => {
      const image = await imageOf([{ layers }], compression);
      const files = await dockerFiles(style, { image });
      const opened = await open(t, "docker-archive", await tarOf(files));
      const [platform] = opened.image.platforms;
      assert.deepEqual(
        platform?.config.rootfs.diff_ids,
        archives.map((bytes) => digestOf(bytes)),
      );
      const read = await layersOf(opened);
      assert.deepEqual(
        read.map((bytes) => ({ digest: digestOf(bytes), size: bytes.length })),
        platform.manifest.layers.map(({ digest, size }) => ({ digest, size })),
      );
    });
  }
}

for (const [name, compress] of [
  ["gzip", gzipSync],
  ["zstd", zstdCompressSync],
] as const) {
  test(`an archive packed by ${name} is unpacked once, and leaves nothing`, async (t) => {
    // Of many chunks, whose memory the unpacking takes back.
    const large = { large: { content: randomBytes(3_000_000) } };
    const image = await imageOf([{ layers: [large, ...layers] }], "none");
    const opened = await open(t, "oci-archive", compress(await tarOf(layoutFiles(image))));
    assert.equal((await ours()).length, 1);
    assert.equal((await layersOf(opened)).length, 3);
    await opened.close();
    assert.deepEqual(await ours(), []);
    const broken = compress(await tarOf(layoutFiles(image))).subarray(0, 300);
    await rejected(open(t, "oci-archive", broken), "ARCHIVE_UNREADABLE", /cannot be read/);
    assert.deepEqual(await ours(), []);
  });
}

/** The temporary directories of this process. */
async function ours(): Promise<readonly string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => name.startsWith(`transship-image-${process.pid}-`));
}

test("layers that are links to others are what they lead to", async (t) => {
  const image = await imageOf([{ layers: [layers[0], layers[0]] }], "none");
  const files = await dockerFiles("legacy", { image });
  const layer = Object.keys(files).find((name) => name.endsWith("/layer.tar"));
  assert.ok(layer);
  const manifest = JSON.stringify([
    {
      Config: Object.keys(files).find((name) => name.endsWith(".json")),
      RepoTags: null,
      Layers: ["a/layer.tar", "b/layer.tar"],
    },
  ]);
  const linked: TestFiles = {
    ...files,
    "a/layer.tar": { type: "symlink", linkname: `../${layer}` },
    "b/layer.tar": { type: "link", linkname: "a/layer.tar" },
    "manifest.json": manifest,
  };
  const opened = await open(t, "docker-archive", await tarOf(linked));
  assert.deepEqual(
    (await layersOf(opened)).map((bytes) => digestOf(bytes)),
    [archives[0], archives[0]].map((bytes) => digestOf(bytes ?? "")),
  );
});

test("an archive of both kinds is read as the one that was asked for", async (t) => {
  const one = await imageOf([{ layers }], "none");
  const files = { ...layoutFiles(one), ...(await dockerFiles("blobs", { image: one })) };
  const archive = await tarOf(files);
  const layout = await open(t, "oci-archive", archive);
  const docker = await open(t, "docker-archive", archive);
  assert.equal(layout.image.root.digest, one.root.digest);
  assert.notEqual(docker.image.root.digest, one.root.digest);
  const [a, b] = [layout, docker].map(({ image }) => image.platforms[0]?.manifest.config.digest);
  assert.equal(a, b);
});

test("of several images one is named, by name or place; else they are listed", async (t) => {
  const [one, other] = await Promise.all([
    imageOf([{ layers: [layers[0]] }]),
    imageOf([{ layers: [layers[1]] }]),
  ]);
  const tags = ["app:1", "registry.example.org/app:2"];
  const files = await dockerFiles("blobs", { image: one, tags }, { image: other });
  const archive = await tarOf(files);
  const layerOf = async (choice: string) => {
    const opened = await open(t, "docker-archive", archive, choice);
    return opened.image.platforms[0]?.config.rootfs.diff_ids[0];
  };
  const [a, b] = archives.map((bytes) => digestOf(bytes));
  for (const name of ["app:1", "docker.io/library/app:1", "registry.example.org/app:2", "@0"])
    assert.equal(await layerOf(`:${name}`), a, name);
  assert.equal(await layerOf(":@1"), b);
  await rejected(layerOf(""), "IMAGE_UNNAMED", /: app:1, @1\.$/);
  await rejected(layerOf(":app"), "IMAGE_MISSING", /which has app:1, @1\.$/);
  await rejected(layerOf(":@2"), "IMAGE_MISSING", /:@2 in the archive/);
});

test("an image of a layout's archive is named by tag or name; two names of one image need none", async (t) => {
  const image = await imageOf([{ layers }]);
  const archive = await tarOf(layoutFiles(image, ["docker.io/library/app:1", "stable"]));
  for (const choice of ["", ":app:1", ":docker.io/library/app:1", ":stable", ":@1"]) {
    const opened = await open(t, "oci-archive", archive, choice);
    assert.equal(opened.image.root.digest, image.root.digest);
  }
  await rejected(open(t, "oci-archive", archive, ":app:2"), "IMAGE_MISSING", /has app:1, stable/);
});

test("the last one wins where a path stands twice", async (t) => {
  const image = await imageOf([{ layers }]);
  const files = layoutFiles(image);
  const lie = await tarOf({ "index.json": "no JSON" });
  const opened = await open(t, "oci-archive", joined(lie, await tarOf(files)));
  assert.equal(opened.image.root.digest, image.root.digest);
  const worse = joined(await tarOf(files), lie);
  await rejected(open(t, "oci-archive", worse), "ARCHIVE_UNREADABLE", /index\.json is malformed/);
});

test("a layer that is not what its digest says fails at its end", async (t) => {
  for (const [transport, files] of await bothKinds()) {
    const size = archives[0]?.length ?? 0;
    const found = Object.entries(files).find(
      ([, file]) => typeof file === "object" && file.content?.length === size,
    );
    assert.ok(found);
    const [layer] = found;
    const content = Buffer.alloc(size, 7);
    const opened = await open(t, transport, await tarOf({ ...files, [layer]: { content } }));
    await rejected(layersOf(opened), "ARCHIVE_DAMAGED", /its bytes are sha256:/);
  }
});

test("an archive that is changed while it is read is told", async (t) => {
  const image = await imageOf([{ layers }]);
  const files = await dockerFiles("blobs", { image });
  const opened = await open(t, "docker-archive", await tarOf(files));
  await writeFile(opened.path, await tarOf(files));
  await rejected(layersOf(opened), "ARCHIVE_UNREADABLE", /was changed while it was read/);
});

async function bothKinds(): Promise<readonly (readonly [string, TestFiles])[]> {
  const image = await imageOf([{ layers }], "none");
  const docker = await dockerFiles("blobs", { image });
  return [
    ["oci-archive", layoutFiles(image)],
    ["docker-archive", docker],
  ];
}

test("an archive that is not there is told so", async (t) => {
  const store = await temporaryDirectory(t);
  const opened = openImage(parseSubject(`oci-archive:${store}/a.tar`), { store }, createContext());
  await rejected(opened, "ARCHIVE_UNREADABLE", /there is no such file/);
});

test("what is cut short, links out of itself, or lacks a part, is told", async (t) => {
  for (const [transport, files] of await bothKinds()) {
    const whole = await tarOf(files);
    const read = async (content: Uint8Array) => await open(t, transport, content);
    await rejected(read(whole.subarray(0, 520)), "ARCHIVE_UNREADABLE", /cut short: .* bytes/);
    await rejected(read(whole.subarray(0, 300)), "ARCHIVE_UNREADABLE", /within a header/);
    await rejected(read(Buffer.alloc(2048, 1)), "ARCHIVE_UNREADABLE", /cannot be read/);
    await rejected(read(Buffer.alloc(0)), "ARCHIVE_UNREADABLE", /nothing in it/);
    await rejected(read(Buffer.alloc(10_240)), "ARCHIVE_UNREADABLE", /nothing in it/);
    const outside = await tarOf({ "a/../../manifest.json": "[]", ...files });
    await rejected(read(outside), "ARCHIVE_UNREADABLE", /manifest\.json leads out of it/);
    const index = transport === "oci-archive" ? "index.json" : "manifest.json";
    const link = await tarOf({ ...files, [index]: { type: "symlink", linkname: "../../secret" } });
    await rejected(read(link), "ARCHIVE_UNREADABLE", /secret leads out of it/);
    const circle = await tarOf({ ...files, [index]: { type: "symlink", linkname: index } });
    await rejected(read(circle), "ARCHIVE_BLOB_MISSING", /lacks/);
    const blob = Object.keys(files).find((name) => name.startsWith("blobs/"));
    assert.ok(blob);
    const { [blob]: _, ...rest } = files;
    const lacking = read(await tarOf(rest)).then(layersOf);
    await rejected(lacking, "ARCHIVE_BLOB_MISSING", new RegExp(`lacks ${blob}`));
  }
  const nameless = await tarOf({ manifest: "[]" });
  await rejected(open(t, "docker-archive", nameless), "ARCHIVE_UNREADABLE", /no manifest\.json/);
});

test("a file of 20 GB that has 10 bytes is told at once, and a document of 100 MB is not read", async (t) => {
  const directory = await temporaryDirectory(t);
  const declared = async (name: string, size: number) => {
    const file = path.join(directory, "archive.tar");
    const header = (await tarOf({ [name]: { size: 0 } })).subarray(0, 512);
    await writeFile(file, withSize(header, size));
    return file;
  };
  const opening = async (file: string) =>
    await openImage(parseSubject(`docker-archive:${file}`), { store: directory }, createContext());
  const short = await declared("layer.tar", 20_000_000_000);
  await truncate(short, 512 + 10);
  await rejected(opening(short), "ARCHIVE_UNREADABLE", /20000000000 bytes, and 10 are there/);
  const large = await declared("manifest.json", 100_000_000);
  await truncate(large, 512 + 100_000_256 + 1024);
  await rejected(opening(large), "ARCHIVE_UNREADABLE", /manifest\.json has 100000000 bytes/);
});

/** The header with another size, in base 256, and its checksum. */
function withSize(header: Uint8Array, size: number): Uint8Array {
  const bytes = Buffer.from(header);
  bytes.fill(0, 124, 136);
  bytes[124] = 0x80;
  bytes.writeBigUInt64BE(BigInt(size), 128);
  bytes.fill(" ", 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

test("what is no archive of an image is called what it is", async (t) => {
  const directory = await temporaryDirectory(t);
  const opening = async (file: string) =>
    await openImage(parseSubject(`oci-archive:${file}`), { store: directory }, createContext());
  await rejected(opening(directory), "ARCHIVE_UNREADABLE", /is a directory: name it oci:/);
  await rejected(opening(path.join(directory, "none")), "ARCHIVE_UNREADABLE", /no such file/);
  await rejected(opening("/dev/null"), "ARCHIVE_UNREADABLE", /is not a file/);
  const fifo = path.join(directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  await rejected(opening(fifo), "ARCHIVE_UNREADABLE", /is not a file/);
  const xz = Buffer.from("\xfd7zXZ\0 and so on", "latin1");
  await rejected(open(t, "oci-archive", xz), "ARCHIVE_UNREADABLE", /packed by xz/);
  const image = await imageOf([{ layers }]);
  const docker = await tarOf(await dockerFiles("legacy", { image }));
  await rejected(open(t, "oci-archive", docker), "ARCHIVE_UNREADABLE", /docker-archive:/);
  const layout = await tarOf(layoutFiles(image));
  await rejected(open(t, "docker-archive", layout), "ARCHIVE_UNREADABLE", /oci-archive:/);
});

test("two layers that the config calls by one digest are both held against it", async (t) => {
  const [one = "", other = ""] = archives.map((bytes) => digestOf(bytes));
  const image = await imageOf([{ layers, diffIds: [one, one] }], "none");
  const files = await dockerFiles("legacy", { image });
  const opened = await open(t, "docker-archive", await tarOf(files));
  const [platform] = opened.image.platforms;
  assert.deepEqual(
    platform?.manifest.layers.map(({ digest }) => digest),
    [one, other],
  );
  assert.equal((await layersOf(opened)).length, 2);
});

test("a layer called by the digest of another one is found out, also where that one stands behind it", async (t) => {
  const [one = ""] = archives.map((bytes) => digestOf(bytes));
  const image = await imageOf([{ layers: layers.toReversed(), diffIds: [one, one] }], "none");
  const legacy = await open(
    t,
    "docker-archive",
    await tarOf(await dockerFiles("legacy", { image })),
  );
  await rejected(layersOf(legacy), "ARCHIVE_DAMAGED", /is asked for/);
});

test("fewer layers than the config says are read, and none is made up", async (t) => {
  const image = await imageOf([{ layers, diffIds: [] }], "none");
  const files = await dockerFiles("blobs", { image });
  const opened = await open(t, "docker-archive", await tarOf(files));
  const [platform] = opened.image.platforms;
  assert.equal(platform?.manifest.layers.length, 2);
  assert.deepEqual(
    (await layersOf(opened)).map((bytes) => digestOf(bytes)),
    platform.manifest.layers.map(({ digest }) => digest),
  );
});

test("Docker's own archive hands out its config as it does its layers, and says its name", async (t) => {
  const image = await imageOf([{ layers }]);
  const saved = await tarOf(await dockerFiles("legacy", { image, tags: ["app:1"] }));
  const opened = await open(t, "docker-archive", saved);
  const config = opened.image.platforms[0]?.manifest.config;
  assert.ok(config);
  const bytes = await buffer(await opened.source.open(config));
  assert.deepEqual(bytes, Buffer.from(await opened.source.read(config)));
  assert.equal(opened.image.root.annotations?.["io.containerd.image.name"], "app:1");
});

test("an archive that may be either kind is read as what it is", async (t) => {
  const image = await imageOf([{ layers }]);
  const directory = await temporaryDirectory(t);
  for (const files of [
    layoutFiles(image, ["docker.io/library/app:1"]),
    await dockerFiles("legacy", { image, tags: ["app:1"] }),
  ]) {
    const file = path.join(directory, "image.tar");
    await writeFile(file, await tarOf(files));
    const subject = { transport: "oci-archive", file, mayBeDockers: true } as const;
    const opened = await openImage(subject, { store: directory }, createContext());
    assert.equal(opened.image.platforms.length, 1);
    await opened.close();
  }
});
