import assert from "node:assert/strict";
import { test } from "node:test";
import { emulatorIn, readEngineImage } from "./images.ts";

test("a memory map names the emulator", () => {
  const qemu = "7f00-7f01 r-xp 00000000 08:01 12  /usr/bin/qemu-aarch64-static\n";
  assert.equal(emulatorIn(qemu), "qemu-aarch64-static");
  assert.equal(emulatorIn("1-2 r-xp 0 00:00 1 /run/rosetta/rosetta\n"), "Rosetta");
  assert.equal(emulatorIn("00400000-00401000 r-xp 0 00:39 5 /probe\n"), undefined);
});

test("an image is read as either image store describes it", () => {
  const id = `sha256:${"a".repeat(64)}`;
  const layer = `sha256:${"b".repeat(64)}`;
  const json = JSON.stringify({
    Id: id,
    Architecture: "arm",
    Os: "linux",
    Variant: "v7",
    Size: 12,
    Created: "2026-01-01T00:00:00Z",
    RootFS: { Type: "layers", Layers: [layer] },
    Config: { Env: ["PORT=1"], ExposedPorts: { "80/tcp": {} } },
  });
  assert.deepEqual(readEngineImage(json), {
    id,
    architecture: "arm",
    os: "linux",
    variant: "v7",
    size: 12,
    created: "2026-01-01T00:00:00Z",
    layers: [layer],
    exposed: ["80/tcp"],
    env: ["PORT=1"],
  });
  const bare = readEngineImage(JSON.stringify({ Id: id }));
  assert.deepEqual([bare.layers, bare.exposed, bare.env, bare.variant], [[], [], [], undefined]);
});
