import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, shortDigest } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import type { ReportEvent } from "../process/report.ts";
import type { Task } from "../process/task.ts";
import { trackLayers } from "./progress.ts";

function layer(text: string): Descriptor {
  const digest = digestOf(new TextEncoder().encode(text));
  return { mediaType: mediaTypes.layerGzip, digest, size: 1_000 };
}

const [low, middle, top] = [layer("low"), layer("middle"), layer("top")];

function track(isRemote: boolean) {
  const tasks: Task[] = [];
  const report = (event: ReportEvent) => {
    if (event.kind === "task") tasks.push(event.task);
  };
  const options = { missing: [middle, top], from: 1, report, isRemote };
  const progress = trackLayers({ ...options, place: "vps" });
  const states = () => tasks.map(({ number, state }) => `${number} ${state}`);
  return { progress, tasks, states };
}

test("layers that come from here are told by their bytes", () => {
  const { progress, tasks, states } = track(false);
  progress.line(`${shortDigest(middle.digest)}: Pulling fs layer`);
  progress.sent(middle.digest, 400, 400);
  progress.sent(middle.digest, 600, 1_000);
  progress.line(`${shortDigest(middle.digest)}: Pull complete`);
  progress.line(`${shortDigest(top.digest)}: Already exists`);
  progress.end();
  assert.deepEqual(states(), ["1 running", "1 done", "2 cached"]);
  assert.match(tasks[0]?.title ?? "", /^vps: layer [0-9a-f]{12}, 1\.0 kB$/);
  assert.deepEqual([progress.bytes, [...progress.layers]], [1_000, [middle.digest]]);
});

test("layers that come from elsewhere are told by docker's lines alone", () => {
  const { progress, tasks, states } = track(true);
  for (const words of ["Pulling fs layer", "Waiting", "Download complete", "Pull complete"])
    progress.line(`${shortDigest(middle.digest)}: ${words}`);
  progress.line(`${shortDigest(top.digest)}: Pulling fs layer`);
  progress.line(`${shortDigest(top.digest)}: Already exists`);
  // What is there already is not pulled, whatever is said of it.
  progress.line(`${shortDigest(low.digest)}: Pulling fs layer`);
  progress.end();
  assert.deepEqual(states(), ["1 running", "1 done", "2 running", "2 cached"]);
  assert.equal(tasks[0]?.bytes, undefined);
  assert.deepEqual([progress.bytes, [...progress.layers]], [0, [middle.digest]]);
});

test("a layer that has arrived is done, one of which nothing was sent was there", () => {
  const { progress, states } = track(false);
  progress.sent(middle.digest, 1_000, 1_000);
  progress.done(middle.digest);
  progress.done(top.digest);
  progress.end("the wire broke");
  assert.deepEqual(states(), ["1 running", "1 done", "2 cached"]);
});
