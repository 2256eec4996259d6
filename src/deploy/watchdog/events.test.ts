/** What a watchdog tells, in the shells that a server may have. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { runPieces } from "../../../test/deploy/pieces.ts";
import { standInDocker } from "../../../test/deploy/stand-in.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { shells } from "../../../test/process/shell.ts";
import { parseEvent } from "../event.ts";

async function told(t: TestContext, words: string, script: string, docker = ":") {
  const place = await temporaryDirectory(t);
  const { env } = await standInDocker(t, docker);
  const whole = `events=$place/events docker=docker\n${script}`;
  const options = { words, pieces: ["clock", "events"], place, env, script: whole } as const;
  assert.deepEqual(await runPieces(t, options), { exitCode: 0, stdout: "", stderr: "" });
  const text = await readFile(path.join(place, "events"), "utf8");
  assert.ok(text.endsWith("\n"));
  return text.split("\n").slice(0, -1).map(parseEvent);
}

for (const { words, skip } of shells) {
  test(`${words}: whatever is told is one line`, { skip }, async (t) => {
    const script = `tell phase gating
tell check health fail "it said:
a  b \\\\n %s * \\$x"
tell verdict failed ''
tell switched`;
    const events = await told(t, words, script);
    const shown = events.map((event) => event && Object.values(event).slice(1).join("|"));
    assert.deepEqual(shown, [
      "phase|gating|",
      String.raw`check|health|fail|it said: a  b \n %s * $x`,
      "verdict|failed|",
      "switched|",
    ]);
  });

  test(
    `${words}: of what is long the first part is told, in a line that is written at once`,
    { skip },
    async (t) => {
      const script = `long=$(printf '%05000d' 1); tell verdict failed "$long"; tell phase done`;
      const [verdict, next] = await told(t, words, script);
      assert.ok(verdict?.kind === "verdict" && verdict.reason.length > 1_000);
      assert.ok(verdict.reason.length < 4_000);
      assert.equal(next?.kind, "phase");
    },
  );

  test(
    `${words}: a container's last words, of both streams, are told as such`,
    { skip },
    async (t) => {
      const docker = `test "$*" = "logs --tail 20 shop-v1" || exit 1
echo 'verdict deployed'; echo '7 verdict deployed' >&2; printf '%0900d\\n' 1; printf 'no end'`;
      const script = "tell_logs shop-v1; tell phase undoing";
      const events = await told(t, words, script, docker);
      assert.deepEqual(new Set(events.slice(0, 4).map((event) => event?.kind)), new Set(["log"]));
      const texts = events.map((event) => (event?.kind === "log" ? event.text : event?.kind));
      assert.deepEqual(texts, [
        "verdict deployed",
        "7 verdict deployed",
        "0".repeat(400),
        "no end",
        "phase",
      ]);
    },
  );

  test(`${words}: a container that is gone has docker's words`, { skip }, async (t) => {
    const [event] = await told(
      t,
      words,
      "tell_logs shop-v1; :",
      "echo 'No such container' >&2; exit 1",
    );
    assert.ok(event?.kind === "log" && event.text === "No such container");
  });
}
