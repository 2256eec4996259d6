/** Scripts over the real shells that a server may have as its `sh`. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryDirectory } from "../../test/directory.ts";
import { gone, mark, openShell, shells, writtenPid } from "../../test/process/shell.ts";
import { createFrames, type Frame } from "./frames.ts";

const plain = (stdout: string, exitCode = 0, stderr = ""): Frame => ({ exitCode, stdout, stderr });

/** A script, and what it comes to. */
const table: Readonly<Record<string, readonly [string, Frame]>> = {
  "a line": ["echo hello", plain("hello\n")],
  "a line without its end": ["printf hello", plain("hello")],
  "empty lines": ["printf '\\n\\na\\n\\n'", plain("\n\na\n\n")],
  nothing: ["true", plain("")],
  "no script at all": [":", plain("")],
  "an exit code": ["exit 7", plain("", 7)],
  "the last command's": ["(exit 3)", plain("", 3)],
  "a command that is not there": ["nothing-of-that-name", plain("", 127)],
  "both streams": ["echo out; echo err >&2; printf more >&2", plain("out\n", 0, "err\nmore")],
  "a last line that is a comment": ["echo a # b", plain("a\n")],
  "a here-document": ["cat <<'END'\n$a `b`\nEND", plain("$a `b`\n")],
  "what looks like a mark": [
    "echo '0123456789abcdef01234560 end 9'; echo ' 0123456789abcdef01234567 end 9'; echo end 9",
    plain("0123456789abcdef01234560 end 9\n 0123456789abcdef01234567 end 9\nend 9\n"),
  ],
  "standard input": ['cat; read -r line; echo "$? <$line>"', plain("1 <>\n")],
  "characters of several bytes": ["printf 'ä€😀\\n'; printf 'é' >&2", plain("ä€😀\n", 0, "é")],
};

const changes =
  "cd /tmp; here=changed code=9 line=9 job=9 inner=9; set -eu; trap 'echo trapped' EXIT; false; echo no";

for (const { words, skip } of shells) {
  if (skip !== false) {
    test(`${words}: scripts of all kinds`, { skip }, () => {});
    continue;
  }
  for (const isWatched of [false, true]) {
    const how = isWatched ? ", watched" : "";
    test(`${words}: scripts of all kinds, one after the other${how}`, async (t) => {
      const shell = openShell(t, words);
      for (const [name, [script, frame]] of Object.entries(table)) {
        const seen = await shell.run(script, { isWatched });
        // What a shell says itself of a command is its own affair.
        const stderr = name.startsWith("a command") ? "" : seen.stderr;
        assert.deepEqual({ ...seen, stderr }, frame, name);
      }
      // 128 and the signal's number, or more of both (POSIX.1-2017, Shell Command Language, 2.8.2).
      const killed = await shell.run("sh -c 'kill -9 $$'", { isWatched });
      assert.ok(killed.exitCode > 128);
    });

    test(`${words}: what a script changes does not reach the next${how}`, async (t) => {
      const { run } = openShell(t, words, { before: "cd /; here=before\n" });
      assert.deepEqual(await run(changes, { isWatched }), plain("trapped\n", 1));
      const look = 'pwd; echo "$here"; false; echo "$nothing"';
      assert.deepEqual(await run(look, { isWatched }), plain("/\nbefore\n\n"));
    });

    test(`${words}: however its input and output are cut${how}`, async (t) => {
      const { run } = openShell(t, words, { bytesAtOnce: 1 });
      for (let n = 0; n < 3; n += 1) {
        const seen = await run("printf 'ä€😀'; printf 'é\n' >&2", { isWatched });
        assert.deepEqual(seen, plain("ä€😀", 0, "é\n"));
      }
    });
  }

  test(`${words}: a watched script that ends while its release is read`, async (t) => {
    const { frames, child, run } = openShell(t, words);
    const frame = new Promise<Frame>((done) => frames.next({ done }));
    child.stdin.write(frames.wrapWatched("sleep 0.1; echo out"));
    await delay(50);
    child.stdin.write(frames.release.slice(0, 9));
    assert.deepEqual(await frame, plain("out\n"));
    // Its process ends after its last word.
    await delay(50);
    child.stdin.write(frames.release.slice(9));
    assert.deepEqual(await run("echo next"), plain("next\n"));
  });

  for (const bytesAtOnce of [1, 100_000]) {
    const how = bytesAtOnce === 1 ? ", by its pieces" : "";
    test(`${words}: a watched script is told when the input ends${how}`, async (t) => {
      const file = path.join(await temporaryDirectory(t), "pid");
      const { run, child } = openShell(t, words, { bytesAtOnce });
      await run("echo before", { isWatched: true });
      const running = run(`echo begun; exec sh -c 'echo $$ > ${file}; exec sleep 300'`, {
        isWatched: true,
      });
      const pid = await writtenPid(file);
      child.stdin.end();
      await gone(pid);
      await running.catch(() => {});
    });
  }
}

test("what a login prints before the first script is none of its words", async (t) => {
  const noise = "echo hello; printf 'no end'; echo careful >&2; printf 'no end either' >&2\n";
  const { run, frames } = openShell(t, "sh", { before: noise });
  const first = await run("echo out; echo err >&2");
  assert.deepEqual(first, plain("out\n", 0, "err\n"));
  assert.equal(frames.hasBegun(), true);
});

test("what a script leaves running does not keep the next one from its end", async (t) => {
  const { run } = openShell(t, "sh");
  const left = "n=0; while test $n -lt 50; do printf 'left '; sleep 0.001; n=$((n + 1)); done";
  await run(`(${left}) &`);
  const seen = await run("sleep 0.02; echo out");
  assert.match(seen.stdout, /^(?:left )*out\n(?:left )*$/);
  assert.equal(seen.exitCode, 0);
});

test("lines are handed over as they come, without the marks", async (t) => {
  const { run } = openShell(t, "sh");
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  await run("echo; echo one; echo; echo; printf two", { onLine });
  assert.deepEqual(lines.splice(0), ["", "one", "", "", "two"]);
  await run("echo one; echo; true", { onLine });
  await run("true", { onLine });
  assert.deepEqual(lines, ["one", ""]);
});

test("of much output the end is kept", async (t) => {
  const { run } = openShell(t, "sh");
  const short = await run(
    "yes 'a line of some forty characters or more' | head -c 9000000; echo; echo end; yes error | head -c 60000 >&2",
  );
  const long = await run("head -c 9000000 /dev/zero | tr '\\0' a; echo; echo end");
  for (const { stdout } of [short, long]) {
    assert.ok(stdout.length <= 4 * 1024 * 1024 && stdout.length > 4_000_000);
    assert.ok(stdout.endsWith("\nend\n"));
  }
  assert.equal(short.stderr.length, 16 * 1024);
  assert.ok(short.stderr.endsWith("error\nerror\n"));
});

test("ssh's own words are kept for the end, and handed over as they come", () => {
  const frames = createFrames(mark);
  const seen: string[] = [];
  frames.onErrorLine = (line) => void seen.push(line);
  assert.equal(frames.lastWords(), "");
  frames.stdout(Buffer.from("This account is currently not available.\n\n"));
  assert.equal(frames.lastWords(), "This account is currently not available.");
  frames.stderr(Buffer.from("Allocated port 1 for remote forward to 127.0.0.1:2\r\nme@ser"));
  frames.stderr(Buffer.from("ver: Permission denied"));
  assert.deepEqual(seen, ["Allocated port 1 for remote forward to 127.0.0.1:2\r"]);
  assert.match(frames.lastWords(), /^Allocated port.*\r\nme@server: Permission denied$/);
  assert.equal(frames.hasBegun(), false);
});
