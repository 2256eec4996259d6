/** Starting and following a watchdog, in the shells that a server may have. */
import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { operation, testServer, type TestServer } from "../../test/deploy/server.ts";
import { shells } from "../../test/process/shell.ts";
import { followScript, operationOf, settingsOf, startScript, whoIAm } from "./operation.ts";
import { readPiece } from "./watchdog.ts";

const at = "operations/deploy-1";
const app = operation.app;

/** As a connection has it run: read from standard input. */
async function run(server: TestServer, words: string, script: string) {
  const began = performance.now();
  return {
    ...(await server.run([...words.split(" "), "-s"], script)),
    ms: performance.now() - began,
  };
}

async function follow(server: TestServer, words: string, skip = 0) {
  const script = followScript({ app, id: operation.id, skip }, await readPiece("process"));
  return await run(server, words, script);
}

async function until(look: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < 200; n += 1) {
    if ((await look().catch(() => undefined)) !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it did not come to that");
}

const files = {
  settings: "a='b c'\n",
  environment: "SECRET=correct horse $(x) 'q'\n\n",
  "record.json": "{}\n",
  "file-0-secret": "two\nlines, no end",
};

for (const { words, skip } of shells) {
  test(`${words}: what is written is whole, and the owner's alone`, { skip }, async (t) => {
    const server = await testServer(t);
    const program =
      'printf "%s\\n" "$@" > "$1/operations/$2/words"; cat > "$1/operations/$2/input"; echo said; echo wrong >&2; cat "/proc/$$/cmdline" > "$1/operations/$2/argv"\n';
    const { exitCode, stdout, stderr, ms } = await run(
      server,
      words,
      startScript(operation, program, files),
    );
    assert.deepEqual([exitCode, stdout, stderr], [0, "", ""]);
    assert.ok(ms < 5_000);
    for (const [name, content] of Object.entries(files)) {
      assert.equal(await server.read(`${at}/release/${name}`), content);
      const { mode } = await stat(path.join(server.place, at, "release", name));
      assert.equal((mode & 0o777).toString(8), name.startsWith("file-") ? "444" : "600");
    }
    for (const directory of ["", at, `${at}/release`, "releases"])
      assert.equal((await stat(path.join(server.place, directory))).mode & 0o777, 0o700);
    await until(async () => (await server.read(`${at}/argv`)) || undefined);
    assert.equal(await server.read(`${at}/words`), `${server.place}\n${operation.id}\n`);
    assert.deepEqual(
      [await server.read(`${at}/input`), await server.read(`${at}/output`)],
      ["", "said\nwrong\n"],
    );
    assert.deepEqual((await server.read(`${at}/argv`)).split("\0").slice(0, -1), [
      "sh",
      path.join(server.place, at, "watchdog"),
      server.place,
      operation.id,
    ]);
  });

  test(
    `${words}: an operation without files, and one whose directory cannot be made`,
    { skip },
    async (t) => {
      const server = await testServer(t);
      const program = 'echo done > "$1/operations/$2/events"\n';
      assert.equal(
        (await run(server, words, startScript(operation, program, undefined))).exitCode,
        0,
      );
      await until(async () => await server.read(`${at}/events`));
      await assert.rejects(stat(path.join(server.place, at, "release")));
      const other = await testServer(t);
      await mkdir(path.dirname(path.dirname(other.place)), { recursive: true });
      await writeFile(path.dirname(other.place), "no directory");
      const { exitCode, stderr } = await run(
        other,
        words,
        startScript(operation, program, undefined),
      );
      assert.notEqual(exitCode, 0);
      assert.match(stderr, /directory|File exists/i);
    },
  );

  test(`${words}: what the watchdog is told is what was wished`, { skip }, async (t) => {
    const server = await testServer(t);
    const names = [
      "app",
      "verb",
      "target",
      "docker",
      "author",
      "holder",
      "helper",
      "machine",
      "keep",
      "is_forced",
    ];
    const script = `${settingsOf(operation)}${names.map((name) => `printf '%s\\n' "$${name}"`).join("\n")}`;
    const { stdout } = await run(server, words, script);
    const { who } = operation;
    assert.deepEqual(stdout.split("\n").slice(0, -1), [
      "shop",
      "deploy",
      "v2",
      "docker",
      JSON.stringify(who),
      who,
      operation.helper,
      "x86_64",
      "3",
      "",
    ]);
  });

  test(`${words}: it is followed until its verdict, and no longer`, { skip }, async (t) => {
    const server = await testServer(t);
    const process = await readPiece("process");
    const program = `${process}
at="$1/operations/$2"
printf '%s %s %s\\n' "$$" "$(started $$)" "$(boot)" > "$at/process"
echo '1 phase preparing' > "$at/events"
sleep 0.5 2>/dev/null || sleep 1
printf '2 log  a  \\\\n b\\n3 log verdict deployed\\n' >> "$at/events"
sleep 0.5 2>/dev/null || sleep 1
echo '4 verdict deployed ' >> "$at/events"
sleep 3\n`;
    await run(server, words, startScript(operation, program, undefined));
    const lines = [
      "1 phase preparing",
      "2 log  a  \\n b",
      "3 log verdict deployed",
      "4 verdict deployed ",
    ];
    const { exitCode, stdout, stderr, ms } = await follow(server, words);
    assert.deepEqual([exitCode, stderr, stdout.split("\n").slice(0, -1)], [0, "", lines]);
    assert.ok(ms > 700 && ms < 3_500, `${ms} ms`);
    assert.equal((await follow(server, words, 2)).stdout, `${lines.slice(2).join("\n")}\n`);
  });

  test(`${words}: where it was killed that is said, with its last words`, { skip }, async (t) => {
    const server = await testServer(t);
    await server.write(`${at}/process`, "1 1 another-boot\n");
    await server.write(`${at}/events`, "1 phase preparing\n2 phase gating\n");
    await server.write(`${at}/output`, "sh: out of memory\n");
    const { stdout, stderr } = await follow(server, words, 1);
    assert.deepEqual([stdout, stderr], ["2 phase gating\nended\n", "sh: out of memory\n"]);
    await server.write(`${at}/events`, "1 locked bob@mac\n");
    assert.equal((await follow(server, words)).stdout, "1 locked bob@mac\n");
  });

  test(`${words}: one that never begins is not waited for without end`, { skip }, async (t) => {
    const server = await testServer(t);
    await run(
      server,
      words,
      startScript(operation, "echo 'no such thing' >&2; exit 2\n", undefined),
    );
    const { stdout, stderr, ms } = await follow(server, words);
    assert.deepEqual([stdout, stderr], ["ended\n", "no such thing\n"]);
    assert.ok(ms < 60_000);
  });

  test(
    `${words}: what one of the same name left is not taken for this one's`,
    { skip },
    async (t) => {
      const server = await testServer(t);
      await server.write(`${at}/process`, "1 1 another-boot\n");
      await server.write(`${at}/events`, "1 verdict deployed \n");
      await run(server, words, startScript(operation, ":\n", undefined));
      await assert.rejects(server.read(`${at}/process`));
      await assert.rejects(server.read(`${at}/events`));
    },
  );
}

test("an operation is called by its verb and by the run that begins it", () => {
  const facts = { access: "docker", machine: "aarch64" } as const;
  const wishes = { app, keep: 2, isForced: true };
  const { id, verb, release, machine, who } = operationOf("rollback", facts, wishes, {
    helper: "h",
    runId: "x1-y2",
  });
  assert.deepEqual(
    [id, verb, release, machine, who],
    ["rollback-x1-y2", "rollback", undefined, "aarch64", whoIAm()],
  );
});

test("no secret stands in the words of a program: the shell itself writes them", async () => {
  const script = startScript(operation, "true\n", files);
  for (const line of script.split("\n").filter((one) => one.includes("correct horse")))
    assert.match(line, /^printf %s /);
  assert.doesNotMatch(await readFile(new URL("operation.ts", import.meta.url), "utf8"), /set -x/);
});
