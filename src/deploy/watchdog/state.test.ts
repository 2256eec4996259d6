/** What a deploy writes of itself, in the shells that a server may have. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runPieces, startPieces } from "../../../test/deploy/pieces.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { shells } from "../../../test/process/shell.ts";

for (const { words, skip } of shells) {
  test(
    `${words}: what is said anew takes the place of the old, the rest stays`,
    { skip },
    async (t) => {
      const place = await temporaryDirectory(t);
      const script = `save_state phase=gating release=one 'reason=it said:
*, "=" and \\'
save_state phase=switching phase_since=12 previous=`;
      const saved = await runPieces(t, { words, pieces: ["state"], place, script });
      assert.deepEqual(saved, { exitCode: 0, stdout: "", stderr: "" });
      const lines = (await readFile(path.join(place, "state"), "utf8")).split("\n");
      assert.match(lines.shift() ?? "", /^at=\d{10,}$/);
      assert.deepEqual(lines, [
        "phase=switching",
        "phase_since=12",
        "previous=",
        "release=one",
        String.raw`reason=it said: *, "=" and \ `.trimEnd(),
        "",
      ]);
      assert.deepEqual(await readdir(place), ["state"]);
    },
  );

  test(`${words}: killed at any moment it leaves one that is whole`, { skip }, async (t) => {
    const place = await temporaryDirectory(t);
    await runPieces(t, {
      words,
      pieces: ["state"],
      place,
      script: "save_state phase=one release=a",
    });
    const script =
      "while :; do save_state phase=one release=a; save_state phase=two release=b; done";
    for (const ms of [40, 55, 70]) {
      const child = startPieces(t, { words, pieces: ["state"], place, script });
      await sleep(ms);
      child.kill("SIGKILL");
      await once(child, "exit");
      const state = await readFile(path.join(place, "state"), "utf8");
      assert.match(state, /^at=\d+\nphase=(?:one\nrelease=a|two\nrelease=b)\n$/);
    }
  });
}
