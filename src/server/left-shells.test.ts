/** Shells that a stand-in for ssh starts, and that go on when it is killed. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { gone, writtenPid } from "../../test/process/shell.ts";
import { standInShell, target } from "../../test/process/stand-in.ts";
import { createContext } from "../context.ts";
import type { ReportEvent } from "../process/report.ts";
import { endLeftShells, noted, processScript, readProcess } from "./left-shells.ts";
import { serverAt } from "./server.ts";

const patience = { deadlineMs: 20_000, what: "The script" };

/** As a server that has heard nothing of the end of ssh: its shell's input stays open. */
const deaf = `for last in "$@"; do :; done
mkfifo "$0.in"
sleep 300 > "$0.in" & echo $! > "$0.open"
sh -c "$last" < "$0.in" & cat > "$0.in"`;

const losing = async () => await Promise.reject(new Error("lost"));

async function bench(t: TestContext) {
  const events: ReportEvent[] = [];
  const env = { XDG_CACHE_HOME: await temporaryDirectory(t) };
  const context = createContext({ report: (event) => void events.push(event), env });
  const notes = async () =>
    await readdir(path.join(env.XDG_CACHE_HOME, "transship", "shells")).catch(() => []);
  return { context, notes, told: () => events.map((event) => ("text" in event ? event.text : "")) };
}

test("a process is read from its stat, whatever its name", () => {
  const rest = "S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 4711 8 9";
  assert.deepEqual(readProcess(`42 (sh) ${rest}`), { pid: 42, started: 4711 });
  assert.deepEqual(readProcess(`42 (a) b (c) ${rest}\n`), { pid: 42, started: 4711 });
  for (const text of ["", "\n", "cat: no such file", "42 (sh) S 1"])
    assert.equal(readProcess(text), undefined);
});

test("the note of a shell goes with its work, and stays where that is lost", async (t) => {
  const { context, notes } = await bench(t);
  const server = serverAt(target, (await standInShell(t)).shell);
  const own = { pid: 42, started: 4711 };
  assert.equal(await noted(server, own, context, async () => (await notes()).length), 1);
  assert.deepEqual(await notes(), []);
  await assert.rejects(noted(server, own, context, losing), /lost/);
  assert.equal((await notes()).length, 1);
  assert.equal(await noted(server, undefined, context, async () => (await notes()).length), 1);
});

test("what a lost shell runs is ended by the next run, and by no other server's", async (t) => {
  const { context, notes, told } = await bench(t);
  const { shell, directory, pid } = await standInShell(t, { ssh: deaf });
  const server = serverAt(target, shell);
  const { stdout } = await shell.run(processScript, patience);
  const own = readProcess(stdout);
  assert.ok(own !== undefined);
  const script = `sh -c 'echo $$ > ${directory}/script; exec sleep 300' & wait`;
  const work = async () => await shell.run(script, { ...patience, isWatched: true });
  const running = assert.rejects(noted(server, own, context, work), { code: "SSH_LOST" });
  const child = await writtenPid(`${directory}/script`);
  const open = Number(await readFile(`${directory}/ssh.open`, "utf8"));
  t.after(() => process.kill(open));
  process.kill(await pid(), "SIGKILL");
  await running;
  process.kill(child, 0);

  const other = serverAt({ host: "other" }, (await standInShell(t)).shell);
  await endLeftShells(other, context);
  assert.equal((await notes()).length, 1);
  process.kill(child, 0);

  const next = serverAt(target, (await standInShell(t)).shell);
  await endLeftShells(next, context);
  for (const one of [child, own.pid]) await gone(one);
  assert.deepEqual([await notes(), told().length], [[], 1]);
  await endLeftShells(next, context);
  assert.equal(told().length, 1);
});

test("one whose number has gone to another, or whose run goes on, is left alone", async (t) => {
  const { context, notes, told } = await bench(t);
  const { shell } = await standInShell(t);
  const server = serverAt(target, shell);
  const { stdout } = await shell.run(processScript, patience);
  const own = readProcess(stdout);
  assert.ok(own !== undefined);
  await noted(server, own, context, async () => {
    await endLeftShells(server, context);
    assert.equal((await notes()).length, 1);
  });
  await assert.rejects(noted(server, { ...own, started: own.started - 1 }, context, losing));
  await endLeftShells(server, context);
  assert.deepEqual([await notes(), told()], [[], []]);
  assert.equal((await shell.run("echo alive", patience)).stdout, "alive\n");
});
