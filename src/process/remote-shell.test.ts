/** A shell over a connection that a stand-in for ssh makes: it runs what it is told to run there here. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { gone, writtenPid } from "../../test/process/shell.ts";
import { carries, connects, standInShell, target } from "../../test/process/stand-in.ts";
import { type ErrorCode, fail, isFailure } from "../errors.ts";
import { openRemoteShell } from "./remote-shell.ts";

const patience = { deadlineMs: 20_000, what: "The script" };

async function assertFails(work: Promise<unknown>, code: ErrorCode, words: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFailure(error, code), String(error));
    assert.match(`${error.message} ${JSON.stringify(error.facts)}`, words);
    return true;
  });
}

test("scripts that are asked for at once run in their order, over one connection", async (t) => {
  const { shell, directory } = await standInShell(t, {
    ssh: `echo once >> "$(dirname "$0")/count"; ${connects}`,
  });
  const scripts = ["sleep 0.05; echo 1", "echo 2; exit 3", "echo 3 >&2", "cat; echo 4"];
  const ran = scripts.map(
    async (script, n) => await shell.run(script, { ...patience, isWatched: n === 1 }),
  );
  assert.deepEqual(await Promise.all(ran), [
    { exitCode: 0, stdout: "1\n", stderr: "" },
    { exitCode: 3, stdout: "2\n", stderr: "" },
    { exitCode: 0, stdout: "", stderr: "3\n" },
    { exitCode: 0, stdout: "4\n", stderr: "" },
  ]);
  assert.equal(await readFile(`${directory}/count`, "utf8"), "once\n");
  assert.match(await readFile(`${directory}/words`, "utf8"), /-l me -- server exec sh\n$/);
});

test("lines come as they are printed", async (t) => {
  const { shell, directory } = await standInShell(t);
  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    // It goes on only when it was heard.
    if (line === "one") void writeFile(`${directory}/heard`, "");
  };
  const script = `echo one; until test -e ${directory}/heard; do sleep 0.01; done; echo; printf two`;
  const ran = await shell.run(script, { ...patience, isWatched: true, onLine });
  assert.deepEqual(lines, ["one", "", "two"]);
  assert.equal(ran.stdout, "one\n\ntwo");
});

const port = "Allocated port 40123 for remote forward to 127.0.0.1:5000";
test("the port that the server chose is known with the first script, and is none of its words", async (t) => {
  const noise = "Allocated port 40124 for remote forward to 127.0.0.1:5001";
  const ssh = `printf '${noise}\\r\\n${port}\\r\\nWelcome!\\r\\n' >&2; echo Hello; ${connects}`;
  const { shell, directory } = await standInShell(t, { ssh, forward: 5000 });
  assert.equal(shell.forwardedPort(), undefined);
  const ran = await shell.run("true", patience);
  assert.deepEqual(ran, { exitCode: 0, stdout: "", stderr: "" });
  assert.equal(shell.forwardedPort(), 40_123);
  assert.match(
    await readFile(`${directory}/words`, "utf8"),
    / -R 127\.0\.0\.1:0:127\.0\.0\.1:5000 /,
  );
});

test("a server that forbids it gives no port", async (t) => {
  const ssh = `echo "Warning: remote port forwarding failed for listen port 0" >&2; ${connects}`;
  const { shell } = await standInShell(t, { ssh, forward: 5000 });
  await shell.run("true", patience);
  assert.equal(shell.forwardedPort(), undefined);
});

/** What ssh does, the error, and what it says. */
const endings: Readonly<Record<string, readonly [string, ErrorCode, RegExp]>> = {
  "a key that is refused": [
    'echo "me@server: Permission denied (publickey)." >&2; exit 255',
    "SSH_DENIED",
    /publickey/,
  ],
  "a host key that is not known": [
    "printf 'No ED25519 host key is known for server.\\r\\nHost key verification failed.\\r\\n' >&2; exit 255",
    "SSH_HOST_KEY_UNKNOWN",
    /server/,
  ],
  "nobody there": [
    'echo "ssh: connect to host server port 22: Connection refused" >&2; exit 255',
    "SSH_UNREACHABLE",
    /Connection refused/,
  ],
  "a login without a shell": [
    'echo; echo "This account is currently not available."; exit 1',
    "SSH_NO_SHELL",
    /This account is currently not available/,
  ],
  "a login that may do one thing only": [
    'echo welcome; echo "fatal: unrecognized command" >&2; exit 128',
    "SSH_NO_SHELL",
    /unrecognized command/,
  ],
  "a login that says nothing": ["exit 0", "SSH_NO_SHELL", /it says nothing/],
};
for (const [name, [ssh, code, words]] of Object.entries(endings)) {
  test(`${name}: ${code}`, async (t) => {
    const { shell } = await standInShell(t, { ssh });
    await assertFails(shell.run("true", patience), code, words);
    // And so it stays.
    await assertFails(shell.run("true", patience), code, words);
  });
}

test("no ssh at all: SSH_MISSING", async () => {
  const { signal } = new AbortController();
  const shell = openRemoteShell(target, { signal, env: { PATH: "/nowhere" } });
  await assertFails(shell.run("true", patience), "SSH_MISSING", /nowhere/);
  await shell.close();
});

test("a connection that never answers: DEADLINE_PASSED", async (t) => {
  const { shell, pid } = await standInShell(t, { ssh: "exec sleep 300" });
  const id = await pid();
  const hasty = { deadlineMs: 60, what: "Asking the server" };
  await assertFails(shell.run("true", hasty), "DEADLINE_PASSED", /Asking the server/);
  await assertFails(shell.run("true", patience), "DEADLINE_PASSED", /Asking the server/);
  await gone(id);
});

/** A script of which nothing ends the program that it runs but a signal. */
const endless = (directory: string) =>
  `echo begun; exec sh -c 'echo $$ > ${directory}/script; exec sleep 300'`;

test("a script that never ends: DEADLINE_PASSED, and it is told to end", async (t) => {
  // Where the script has not even begun by then, it is given longer.
  for (let deadlineMs = 100; deadlineMs < 20_000; deadlineMs *= 2) {
    const { shell, pid, directory } = await standInShell(t, { ssh: carries });
    await shell.run("true", patience);
    const hasty = { deadlineMs, what: "The pull", isWatched: true };
    await assertFails(shell.run(endless(directory), hasty), "DEADLINE_PASSED", /The pull/);
    await gone(await pid());
    const text = await readFile(`${directory}/script`, "utf8").catch(() => "");
    if (text === "") continue;
    await gone(Number(text));
    return;
  }
  assert.fail("the machine stood still too often");
});

test("a signal ends it, with its own reason, and the script is told to end", async (t) => {
  const reason = fail("INTERRUPTED", { signal: "SIGINT" });
  const abort = new AbortController();
  const { shell, pid, directory } = await standInShell(t, { ssh: carries, signal: abort.signal });
  const running = shell.run(endless(directory), { ...patience, isWatched: true });
  const queued = shell.run("true", patience);
  const both = [assert.rejects(running, reason), assert.rejects(queued, reason)];
  const ids = [await writtenPid(`${directory}/script`), await pid()];
  abort.abort(reason);
  await Promise.all(both);
  for (const id of ids) await gone(id);

  const late = await standInShell(t, { signal: abort.signal });
  await assert.rejects(late.shell.run("true", patience), reason);
  const other = await standInShell(t, { signal: AbortSignal.abort(new Error("of another kind")) });
  await assertFails(other.shell.run("true", patience), "INTERRUPTED", /cancelled/);
});

test("closing leaves no process, and nothing can be run any more", async (t) => {
  const { shell, pid, directory } = await standInShell(t);
  await shell.run("true", patience);
  const options = { ...patience, isWatched: true };
  const running = shell.run(endless(directory), options).catch((error: unknown) => error);
  const ids = [await pid(), await writtenPid(`${directory}/script`)];
  await shell.close();
  for (const id of ids) await gone(id);
  await running;
  await assertFails(shell.run("true", patience), "INTERRUPTED", /closed/);
  await shell.close();
});

test("a connection that is lost in the middle of a script: SSH_LOST, in ssh's own words", async (t) => {
  const ssh = `${connects.replace("exec ", "")}; printf 'client_loop: send disconnect: Broken pipe\\r\\n' >&2; exit 255`;
  const { shell } = await standInShell(t, { ssh });
  await shell.run("echo before", patience);
  // The shell of that connection, not the subshell.
  await assertFails(
    shell.run("echo half; kill -9 $$", patience),
    "SSH_LOST",
    /client_loop.*Broken pipe/,
  );
});

test("a connection that is lost, and its output held by somebody else", async (t) => {
  const ssh = `sleep 300 & echo $! > "$(dirname "$0")/holder"; ${connects}`;
  const { shell, directory } = await standInShell(t, { ssh });
  const holder = await writtenPid(`${directory}/holder`);
  t.after(() => process.kill(holder));
  await shell.run("echo before", patience);
  await assertFails(shell.run("kill -9 $$", patience), "SSH_LOST", /it ended/);
  await shell.close();
});

test("one that does not end by itself is ended when it is closed", async (t) => {
  const ssh = "trap '' TERM HUP INT; while :; do sleep 0.02; done";
  const { shell, pid } = await standInShell(t, { ssh, endMs: 50 });
  const id = await pid();
  await shell.close();
  await gone(id);
});
