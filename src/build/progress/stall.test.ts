import assert from "node:assert/strict";
import { test } from "node:test";
import { createStallLook } from "./stall.ts";
import { Step } from "./step.ts";

const crash = "qemu: uncaught target signal 11 (Segmentation fault) - core dumped";

function bench() {
  const step = new Step({ digest: "sha256:a", name: "[2/2] RUN node build.js" });
  const told = { name: step.name, digest: step.digest, cached: false, error: undefined };
  const tell = (completed?: number) => step.take({ ...told, started: 1, completed });
  tell();
  let lines: readonly string[] = [];
  const look = createStallLook({ all: [step], tailOf: () => lines });
  return { look, tell, say: (...said: readonly string[]) => (lines = said) };
}

test("a step whose last words are qemu's for 10 s is warned of, once", () => {
  const { look, say } = bench();
  say("compiling", crash);
  assert.deepEqual(look(0), []);
  assert.deepEqual(look(9_999), []);
  assert.match(look(10_000)[0] ?? "", /^\[2\/2\] RUN node build\.js crashed under the emulator/);
  assert.deepEqual(look(60_000), []);
});

test("a step that goes on or ends after a crash is not warned of", () => {
  const { look, say, tell } = bench();
  say(crash);
  look(0);
  say(crash, "trying again");
  assert.deepEqual(look(20_000), []);
  say(crash);
  look(30_000);
  tell(2);
  assert.deepEqual(look(60_000), []);
});
