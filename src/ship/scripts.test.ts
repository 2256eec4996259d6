/** What the scripts do in real shells, with a stand-in for docker that tells what it was asked. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { gone, openShell, type Shell, shells, writtenPid } from "../../test/process/shell.ts";
import {
  nameScript,
  pullArgv,
  pullScript,
  removeNamesScript,
  tunnelPullScript,
} from "./scripts.ts";

const reference = "127.0.0.1:40123/transship/00ff@sha256:1234";
const argv = pullArgv("docker", reference, "linux/arm64");
const naming = {
  access: "docker",
  from: reference,
  names: ["app:1", "transship/shipped/app:20261127T104500-1f2e3d4c5b6a"],
  gone: [reference, "it's an old name"],
} as const;

/** Each word of a command between these. */
const docker = `#!/bin/sh
if test "$1" = --config; then
  echo "$2" > "$TRIAL/where"
  ls -ld "$2" > "$TRIAL/mode"
  cat "$2/config.json" > "$TRIAL/config"
  shift 2
fi
line=; for word in "$@"; do line="$line<$word>"; done
# In one piece: several are asked at once.
printf '%s\\n' "$line" >> "$TRIAL/asked"
case $1 in
pull) . "$TRIAL/pull" ;;
image) test "$2" = rm && exit 1; echo sha256:abcd ;;
esac
`;

interface Trial {
  readonly shell: Shell;
  readonly directory: string;
  /** What docker was asked until now, a command a line. */
  readonly asked: () => Promise<readonly string[]>;
}

/** \`pull\`: what docker does then. */
async function trial(t: TestContext, words: string, pull: string): Promise<Trial> {
  const directory = await temporaryDirectory(t);
  await writeFile(`${directory}/docker`, docker);
  await chmod(`${directory}/docker`, 0o755);
  await writeFile(`${directory}/pull`, pull);
  const before = `PATH="${directory}:$PATH" TRIAL="${directory}"; export PATH TRIAL\n`;
  const shell = openShell(t, words, { before });
  const asked = async () =>
    (await readFile(`${directory}/asked`, "utf8").catch(() => "")).split("\n").slice(0, -1);
  return { shell, directory, asked };
}

const tagged = naming.names.map((name) => `<tag><${reference}><${name}>`);
const pulled = `<pull><--platform><linux/arm64><${reference}>`;
const inspected = "<image><inspect><--format><{{.Id}}><app:1>";

for (const { words, skip } of shells) {
  if (skip !== false) continue;

  test(`${words}: a pull, then the names, and last the engine's ID`, async (t) => {
    const { shell, asked } = await trial(t, words, "echo 1f2e3d4c5b6a: Pull complete");
    const { exitCode, stdout } = await shell.run(pullScript(argv, naming), { isWatched: true });
    assert.deepEqual([exitCode, stdout], [0, "1f2e3d4c5b6a: Pull complete\nsha256:abcd\n"]);
    // That an old name is gone already is no failure.
    const removed = `<image><rm><${reference}><it's an old name>`;
    // Names are given side by side, and taken away while the engine is asked for the ID.
    const [first, ...others] = await asked();
    assert.equal(first, pulled);
    assert.deepEqual(others.toSorted(), [...tagged, removed, inspected].toSorted());
  });

  test(`${words}: a pull that fails names nothing`, async (t) => {
    const { shell, asked } = await trial(t, words, "echo no such image >&2; exit 18");
    const ran = await shell.run(pullScript(argv, naming), { isWatched: true });
    assert.deepEqual(ran, { exitCode: 18, stdout: "", stderr: "no such image\n" });
    assert.deepEqual(await asked(), [pulled]);
  });

  test(`${words}: when the connection ends the pull does as well, and nothing comes after`, async (t) => {
    const { shell, directory, asked } = await trial(
      t,
      words,
      'echo $$ > "$TRIAL/pid"; exec sleep 300',
    );
    const ended = new Promise((resolve) => shell.child.once("close", resolve));
    const running = shell.run(pullScript(argv, naming), { isWatched: true });
    const pid = await writtenPid(`${directory}/pid`);
    shell.child.stdin.end();
    await gone(pid);
    await running.catch(() => {});
    await ended;
    assert.deepEqual(await asked(), [pulled]);
  });

  test(`${words}: a pull that was not begun when the connection ended is not begun`, async (t) => {
    const { shell, asked } = await trial(t, words, "exec sleep 300");
    const signalled = `sh -c 'kill -TERM "$PPID"'\nattend docker`;
    const script = pullScript(argv, naming).replace("attend docker", signalled);
    const { exitCode } = await shell.run(script, { isWatched: true });
    assert.deepEqual([exitCode, await asked()], [143, []]);
  });
}

const tunnelled = tunnelPullScript({
  access: "docker",
  platform: "linux/arm64",
  login: { host: "127.0.0.1:40123", credentials: "bWU6c2VjcmV0", context: "default" },
  reference,
  checkpoints: [],
  naming,
});

for (const [how, pull] of Object.entries({
  "that succeeds": "",
  "that fails": "exit 18",
  "whose connection ends": 'echo $$ > "$TRIAL/pid"; exec sleep 300',
})) {
  test(`a pull ${how} leaves nothing of its login`, async (t) => {
    const { shell, directory, asked } = await trial(t, "sh", pull);
    const ended = new Promise((resolve) => shell.child.once("close", resolve));
    const running = shell.run(tunnelled, { isWatched: true });
    if (pull.includes("pid")) {
      const pid = await writtenPid(`${directory}/pid`);
      shell.child.stdin.end();
      await gone(pid);
      await ended;
    }
    await running.catch(() => {});
    const read = async (name: string) => (await readFile(`${directory}/${name}`, "utf8")).trim();
    assert.deepEqual(JSON.parse(await read("config")), {
      auths: { "127.0.0.1:40123": { auth: "bWU6c2VjcmV0" } },
    });
    assert.match(await read("mode"), /^drwx------/);
    assert.equal(existsSync(await read("where")), false);
    assert.equal((await asked())[0], pulled);
  });
}

test("an image that is there gets its names, and last the engine's ID is told", async (t) => {
  const { shell, asked } = await trial(t, "sh", "");
  const { stdout } = await shell.run(nameScript({ ...naming, gone: [] }));
  assert.equal(stdout, "sha256:abcd\n");
  assert.deepEqual((await asked()).toSorted(), [...tagged, inspected].toSorted());
});

test("names that are gone already are removed without a word", async (t) => {
  const { shell } = await trial(t, "sh", "");
  const ran = await shell.run(removeNamesScript("docker", ["a:1", "b:2"]));
  assert.deepEqual(ran, { exitCode: 0, stdout: "", stderr: "" });
});
