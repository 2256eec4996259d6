import assert from "node:assert/strict";
import path from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { directoryWith } from "../../test/directory.ts";
import { defaultFlags } from "../../test/ship/flags.ts";
import { isFailure } from "../errors.ts";
import { archiveOptions } from "./archiving.ts";
import type { ShipFlags } from "./commands/ship.ts";
import { shipOptions } from "./shipping.ts";

function toArchive(words: readonly string[], to: string, more: Partial<ShipFlags> = {}) {
  return archiveOptions(words, { ...defaultFlags, ...more, to }, process.stdout);
}

const isUsage = (words: RegExp) => (error: unknown) =>
  isFailure(error, "USAGE") && words.test(error.message);

test("--to names a file, packed or plain", () => {
  for (const file of ["app.tar.zst", "dist/app.tar"])
    assert.deepEqual(toArchive(["app:1"], file, { platform: "arm64" }).to, { file });
  const { to } = toArchive([], "-", { image: "app:1", dryRun: true });
  assert.ok("stream" in to);
});

const refusedTo: Readonly<
  Record<string, readonly [readonly string[], string, Partial<ShipFlags>, RegExp]>
> = {
  "no image": [[], "a.tar", {}, /No image/],
  "an image and servers": [["app:1", "me@web"], "a.tar", {}, /servers are named: me@web/],
  "--from as well": [[], "a.tar", { from: "b.tar" }, /--from/],
  "--via": [["app:1"], "a.tar", { via: "load" }, /--via is about servers/],
  "--port": [["app:1"], "a.tar", { port: 22 }, /--port/],
  "another kind of archive": [["app:1"], "app.tar.gz", {}, /FILE\.tar\.zst, FILE\.tar, or -/],
  "a name that is nothing but its end": [["app:1"], "dist/.tar", {}, /no name of an archive/],
  "JSON beside the archive": [["app:1"], "-", { json: true }, /cannot hold JSON/],
};
for (const [what, [words, to, more, problem]] of Object.entries(refusedTo)) {
  test(`--to is refused with ${what}`, () => {
    assert.throws(() => toArchive(words, to, more), isUsage(problem));
  });
}

test("--to - is refused where standard output is a terminal", () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  const work = () => archiveOptions(["app:1"], { ...defaultFlags, to: "-" }, terminal);
  assert.throws(work, isUsage(/is a terminal/));
});

test("--from sends an archive of either kind, held against its sum, to all that is named", async (t) => {
  const from = path.join(await directoryWith(t, { "app.tar.zst": "" }), "app.tar.zst");
  const { subject, servers, checkSum } = shipOptions(["me@web", "db"], { ...defaultFlags, from });
  assert.deepEqual(subject, { transport: "oci-archive", file: from, mayBeDockers: true });
  assert.deepEqual(
    servers.map(({ host }) => host),
    ["web", "db"],
  );
  assert.equal(checkSum, true);

  const refused = (words: readonly string[], more: Partial<ShipFlags>, problem: RegExp) => {
    assert.throws(() => shipOptions(words, { ...defaultFlags, from, ...more }), isUsage(problem));
  };
  refused([], {}, /No server is named/);
  refused(["me@web"], { image: "app:1" }, /Two images are named/);
  refused(["app:1", "me@web"], {}, /app:1 is no server, and the image is what is in/);
  refused(["me@web"], { from: `${from}.missing` }, /There is no file/);
});
