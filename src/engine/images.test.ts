import assert from "node:assert/strict";
import { test } from "node:test";
import { emulatorIn } from "./images.ts";

test("a memory map names the emulator", () => {
  const qemu = "7f00-7f01 r-xp 00000000 08:01 12  /usr/bin/qemu-aarch64-static\n";
  assert.equal(emulatorIn(qemu), "qemu-aarch64-static");
  assert.equal(emulatorIn("1-2 r-xp 0 00:00 1 /run/rosetta/rosetta\n"), "Rosetta");
  assert.equal(emulatorIn("00400000-00401000 r-xp 0 00:39 5 /probe\n"), undefined);
});
