import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { imageOf, layoutFiles } from "../../test/image/image.ts";
import { createContext } from "../context.ts";
import { offeredPlatforms } from "./offered.ts";

/** A layout of two images, one under a tag. */
async function layout(context: TestContext) {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-offered-"));
  context.after(async () => await rm(directory, { recursive: true, force: true }));
  const [both, one] = [
    await imageOf([
      { architecture: "amd64", layers: [{}] },
      { architecture: "arm64", layers: [{}] },
    ]),
    await imageOf([{ architecture: "arm", variant: "v7", layers: [{}] }]),
  ];
  const files = { ...layoutFiles(one), ...layoutFiles(both, ["both"]) };
  for (const [name, file] of Object.entries(files)) {
    const target = path.join(directory, name);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, typeof file === "string" ? file : (file.content ?? ""));
  }
  return { directory, one };
}

async function offered(layoutName: string) {
  return await offeredPlatforms({ name: "base", layout: layoutName }, createContext());
}

test("a layout's image is named by its tag, by its digest, or is the only one", async (context) => {
  const { directory, one } = await layout(context);
  const both = { kind: "index", platforms: ["linux/amd64", "linux/arm64"] };
  assert.deepEqual(await offered(directory), both);
  assert.deepEqual(await offered(`${directory}:both`), both);
  // One that the list does not name is there all the same.
  assert.deepEqual(await offered(`${directory}@${one.root.digest}`), {
    kind: "index",
    platforms: ["linux/arm/v7"],
  });
  assert.equal(await offered(`${directory}@sha256:${"0".repeat(64)}`), undefined);
  await assert.rejects(offered(`${directory}:nothing`), { code: "IMAGE_MISSING" });
});
