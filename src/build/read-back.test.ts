/** What an engine built, read back from it into the store. The engine itself is played. */
import assert from "node:assert/strict";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { contextWith } from "../../test/image/engine.ts";
import { dockerFiles, imageOf, type TestFiles } from "../../test/image/image.ts";
import { parseIndex, parseManifest } from "../oci/document.ts";
import type { ReportEvent } from "../process/report.ts";
import { openStore } from "../store/store.ts";
import { storeFromEngine } from "./read-back.ts";

/** A store, and what reads images of those layers back into it. */
async function benchOf(t: TestContext) {
  const env = { XDG_CACHE_HOME: await temporaryDirectory(t) };
  const store = await openStore(path.join(await temporaryDirectory(t), "store"));
  return {
    store,
    readBack: async (layers: readonly TestFiles[], name: string) => {
      const image = await imageOf([{ layers }], "none");
      const [manifest] = parseIndex(await image.source.read(image.root)).manifests;
      assert.ok(manifest);
      const { config } = parseManifest(await image.source.read(manifest));
      const saved = await dockerFiles("legacy", { image });
      const { context, asked } = contextWith({ id: config.digest, saved });
      const events: ReportEvent[] = [];
      const report = (event: ReportEvent) => void events.push(event);
      const root = await storeFromEngine(
        "transship/build:1",
        { store, name },
        { ...context, env, report },
      );
      assert.equal(parseManifest(await store.read(root)).config.digest, config.digest);
      assert.equal((await store.find(name))?.digest, root.digest);
      return { events, isSaved: asked.some((args) => args.includes("save")) };
    },
  };
}

const layers = [{ "bin/app": "one" }, { "bin/app": "two" }];

test("its layers are compressed into the store, and it gets its name", async (t) => {
  const { readBack } = await benchOf(t);
  const { events } = await readBack(layers, "docker.io/library/app:1");
  const [note, ...more] = events.filter(({ kind }) => kind !== "detail");
  assert.match(
    note?.kind === "note" ? note.text : "",
    /was read back from the engine and compressed/,
  );
  assert.deepEqual(more, []);
});

test("one that the store has is not saved again, and gets its name all the same", async (t) => {
  const { readBack } = await benchOf(t);
  await readBack(layers, "docker.io/library/app:1");
  const { isSaved } = await readBack(layers, "docker.io/library/app:2");
  assert.equal(isSaved, false);
});
