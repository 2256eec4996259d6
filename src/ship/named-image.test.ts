import assert from "node:assert/strict";
import { test } from "node:test";
import { directoryWith, temporaryDirectory } from "../../test/directory.ts";
import { imageOf, layoutContents } from "../../test/image/image.ts";
import { createContext } from "../context.ts";
import { isFailure } from "../errors.ts";
import { parseSubject } from "../image/subject.ts";
import { openNamed } from "./named-image.ts";

test("without an engine an image that a build has left in the store is found there", async (t) => {
  const image = await imageOf([{ layers: [{ a: "a" }] }]);
  const store = await directoryWith(t, layoutContents(image, ["docker.io/library/app:1"]));
  // No docker command: no engine.
  const before = process.env["PATH"];
  process.env["PATH"] = await temporaryDirectory(t);
  t.after(() => (process.env["PATH"] = before));
  const context = createContext();
  const opened = await openNamed(parseSubject("app:1"), store, context);
  assert.deepEqual([opened.from, opened.image.root.digest], ["store", image.root.digest]);
  await assert.rejects(openNamed(parseSubject("app:2"), store, context), (error) =>
    isFailure(error, "DOCKER_MISSING"),
  );
});
