/** The image for what a server lacks, as a script brings it there. */
import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import * as z from "zod";
import { temporaryDirectory } from "../../test/directory.ts";
import { openShell, shells } from "../../test/process/shell.ts";
import { digestOf } from "../oci/digest.ts";
import { parsePlatform } from "../platform/platform.ts";
import { helperImage, loadHelperScript } from "./helper-image.ts";

const amd64 = parsePlatform("linux/amd64");
const manifestSchema = z.tuple([
  z.object({ Config: z.string(), RepoTags: z.array(z.string()), Layers: z.array(z.string()) }),
]);
const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

async function filesOf(archive: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const entry of Readable.from([archive]).pipe(extract()))
    files.set(entry.header.name, await buffer(entry));
  return files;
}

test("it holds the probe alone, and says for which platform", async () => {
  const helper = await helperImage(amd64);
  assert.ok(helper);
  assert.ok(helper.archive.length < 2_048);
  const files = await filesOf(gunzipSync(helper.archive));
  const [manifest] = manifestSchema.parse(JSON.parse(String(files.get("manifest.json"))));
  assert.deepEqual(manifest.RepoTags, [helper.name]);
  const config = configSchema.parse(JSON.parse(String(files.get(manifest.Config))));
  const layer = files.get(manifest.Layers[0] ?? "") ?? Buffer.alloc(0);
  assert.deepEqual(config, {
    os: "linux",
    architecture: "amd64",
    rootfs: { diff_ids: [digestOf(layer)] },
  });
  assert.deepEqual([...(await filesOf(layer)).keys()], ["transship-probe"]);
});

test("the same bytes each time, and other ones for another platform", async () => {
  const [one, two] = [await helperImage(amd64), await helperImage(amd64)];
  assert.deepEqual(one, two);
  assert.notEqual((await helperImage(parsePlatform("linux/arm64")))?.name, one?.name);
  assert.equal(await helperImage(parsePlatform("linux/s390x")), undefined);
});

for (const { words, skip } of shells) {
  test(`${words}: it is loaded byte for byte, where it is not there`, { skip }, async (t) => {
    const helper = await helperImage(amd64);
    assert.ok(helper);
    const directory = await temporaryDirectory(t);
    const at = (name: string) => path.join(directory, name);
    // Of docker it has these two commands.
    const docker = `#!/bin/sh
case "$1 $2" in
"image inspect") test -f '${at("loaded")}' ;;
"load "*) cat >> '${at("loaded")}' ;;
esac
`;
    await writeFile(at("docker"), docker);
    await chmod(at("docker"), 0o755);
    const shell = openShell(t, words, { before: `PATH='${directory}':"$PATH"; export PATH\n` });
    for (const _ of [1, 2]) {
      const ran = await shell.run(loadHelperScript("docker", helper));
      assert.deepEqual(ran, { exitCode: 0, stdout: "", stderr: "" });
    }
    assert.deepEqual(await readFile(at("loaded")), Buffer.from(helper.archive));
  });
}
