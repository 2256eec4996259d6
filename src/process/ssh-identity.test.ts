import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { temporaryDirectory } from "../../test/directory.ts";
import { fail } from "../errors.ts";
import { createRunner, type Runner } from "./run.ts";
import { explainDenied, lockedIdentity, readPrivateKey } from "./ssh-identity.ts";
import { waitFor } from "./wait.ts";

const { signal } = new AbortController();
const hasTools = spawnSync("sh", ["-c", "command -v ssh && command -v ssh-keygen"]).status === 0;
const options = { skip: hasTools ? false : "there is no OpenSSH here" };
const target = { host: "server", user: "me" };

/** How ssh-keygen is told which format: its own, the older PEM of OpenSSL, and PKCS #8. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  ed25519: ["-t", "ed25519"],
  "rsa in OpenSSH's format": ["-t", "rsa", "-b", "1024"],
  "rsa in PEM": ["-t", "rsa", "-b", "1024", "-m", "PEM"],
  "ecdsa in PEM": ["-t", "ecdsa", "-m", "PEM"],
  "rsa in PKCS #8": ["-t", "rsa", "-b", "1024", "-m", "PKCS8"],
};

async function keygen(...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await createRunner(signal).run(["ssh-keygen", "-q", ...args]);
  assert.equal(exitCode, 0, stderr);
}

/** A key, and its file's path. With one round of key derivation, because nobody guesses this passphrase. */
async function makeKey(
  directory: string,
  name: string,
  { kind = "ed25519", passphrase = "" } = {},
): Promise<string> {
  const file = path.join(directory, name);
  await keygen(...(kinds[kind] ?? []), "-a", "1", "-N", passphrase, "-C", "a test", "-f", file);
  return file;
}

for (const kind of Object.keys(kinds)) {
  test(`${kind}: whether it asks for a passphrase`, options, async (t) => {
    const directory = await temporaryDirectory(t);
    const open = await readFile(await makeKey(directory, "open", { kind }));
    const file = await makeKey(directory, "locked", { kind, passphrase: "a secret" });
    const locked = await readFile(file);
    assert.equal(readPrivateKey(open)?.isLocked, false);
    assert.equal(readPrivateKey(locked)?.isLocked, true);
    const publicFile = await readFile(`${file}.pub`, "utf8");
    const isOwn = locked.includes("BEGIN OPENSSH");
    assert.equal(readPrivateKey(locked)?.publicKey, isOwn ? publicFile.split(" ")[1] : undefined);
    assert.equal(readPrivateKey(Buffer.from(publicFile)), undefined);

    // A file that was cut is none: ssh does not take it either.
    const whole = locked.lastIndexOf("-");
    for (let end = 0; end < whole; end += 7) {
      assert.equal(readPrivateKey(locked.subarray(0, end)), undefined, String(end));
    }
    fc.assert(
      fc.property(fc.nat(locked.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(locked);
        changed[at] = byte;
        readPrivateKey(changed);
      }),
    );
  });
}

test("what is no private key is none", () => {
  const start = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readPrivateKey(bytes);
      const magic = Buffer.concat([Buffer.from("openssh-key-v1\0"), bytes]);
      readPrivateKey(Buffer.from(start + magic.toString("base64")));
    }),
  );
  for (const text of [
    "",
    start,
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\n",
    "ssh-ed25519 AAAA me\n",
  ]) {
    assert.equal(readPrivateKey(Buffer.from(text)), undefined);
  }
});

/** Runs ssh by that configuration, and no agent but the one named. */
function configured(config: string, socket = ""): Runner {
  const runner = createRunner(signal);
  return {
    ...runner,
    run: async ([program, ...args], runOptions) =>
      await runner.run(program === "ssh" ? [program, "-F", config, ...args] : [program, ...args], {
        ...runOptions,
        env: { SSH_AUTH_SOCK: socket, ...runOptions?.env },
      }),
  };
}

async function withConfiguration(
  directory: string,
  lines: readonly string[],
  socket?: string,
): Promise<Runner> {
  const config = path.join(directory, "config");
  await writeFile(config, `Host server\n${lines.map((line) => `  ${line}\n`).join("")}`);
  return configured(config, socket);
}

const identityFile = (file: string) => `IdentityFile "${file}"`;

test(
  "of the identity files the first locked one is named, where none is open",
  options,
  async (t) => {
    const directory = await temporaryDirectory(t);
    const locked = await makeKey(directory, "locked key", { passphrase: "a secret" });
    const other = await makeKey(directory, "other", { kind: "rsa in PEM", passphrase: "a secret" });
    const open = await makeKey(directory, "open");
    const missing = path.join(directory, "missing");
    const ask = async (lines: readonly string[], more = {}) =>
      await lockedIdentity({ ...target, ...more }, await withConfiguration(directory, lines));

    assert.equal(await ask([missing, locked, other].map(identityFile)), locked);
    assert.equal(await ask([identityFile(other)]), other);
    assert.equal(await ask([locked, open].map(identityFile)), undefined);
    assert.equal(await ask([identityFile(missing)]), undefined);
    assert.equal(await ask(["IdentityFile none"]), undefined);
    assert.equal(await ask([identityFile(`${locked}.pub`)]), undefined);
    // A directory and a pipe are no key, and neither is waited for.
    assert.equal(spawnSync("mkfifo", [path.join(directory, "pipe")]).status, 0);
    assert.equal(
      await ask([directory, path.join(directory, "pipe"), locked].map(identityFile)),
      locked,
    );
    // -i stands before what the configuration has, and does not replace it.
    assert.equal(await ask([identityFile(other)], { identity: locked }), locked);
    assert.equal(await ask([identityFile(open)], { identity: locked }), undefined);
    assert.equal(
      await ask(["IdentityFile none"], { identity: path.relative(".", locked) }),
      locked,
    );
  },
);

test("names of files are read as ssh reads them; in doubt nothing is said", options, async (t) => {
  const directory = await temporaryDirectory(t);
  const names = ["me-server.example-2222", "me@server", "100%"];
  for (const name of names) await makeKey(directory, name, { passphrase: "a secret" });
  const ask = async (name: string, ...more: readonly string[]) => {
    const lines = [identityFile(path.join(directory, name)), "HostName server.example", ...more];
    const found = await lockedIdentity(target, await withConfiguration(directory, lines));
    return found === undefined ? undefined : path.basename(found);
  };
  assert.equal(await ask("%r-%h-%p", "Port 2222"), names[0]);
  assert.equal(await ask("%r@%n"), names[1]);
  assert.equal(await ask("100%%"), names[2]);
  process.env["TRANSSHIP_TEST_KEY"] = names[1];
  t.after(() => delete process.env["TRANSSHIP_TEST_KEY"]);
  assert.equal(await ask("${TRANSSHIP_TEST_KEY}"), names[1]);
  // A file that cannot be told from its name may be open.
  assert.equal(await ask("me@server", identityFile("~nobody-here/key")), undefined);
  assert.equal(await ask("me@server", identityFile("/keys/%C")), undefined);
  assert.equal(await ask("me@server", "PubkeyAuthentication no"), undefined);
  assert.equal(await ask("me@server", "IdentityAgent none"), undefined);
  assert.equal(await ask("me@server", "No such line"), undefined);
});

test("a key that the agent has is not locked", options, async (t) => {
  const directory = await temporaryDirectory(t);
  const socket = await startAgent(t, directory);
  if (socket === undefined) return t.skip("there is no ssh-agent here");
  const passphrase = "a secret";
  const files = [
    await makeKey(directory, "own", { passphrase }),
    await makeKey(directory, "pem", { passphrase, kind: "rsa in PEM" }),
    await makeKey(directory, "alone", { passphrase, kind: "ecdsa in PEM" }),
  ];
  const [, , alone = ""] = files;
  await rm(`${alone}.pub`);
  const runner = await withConfiguration(directory, files.map(identityFile), socket);
  for (const file of files) {
    assert.equal(await lockedIdentity(target, runner), file);
    // Given to the agent while it is open, so that nobody is asked here.
    await keygen("-p", "-P", passphrase, "-N", "", "-f", file);
    assert.equal((await runner.run(["ssh-add", "-q", file])).exitCode, 0);
    await keygen("-p", "-a", "1", "-P", "", "-N", passphrase, "-f", file);
  }
  assert.equal(await lockedIdentity(target, runner), undefined);
  // The configuration's agent, whatever the environment says.
  const lines = [...files.map(identityFile), `IdentityAgent "${socket}"`];
  assert.equal(await lockedIdentity(target, await withConfiguration(directory, lines)), undefined);
  const none = await withConfiguration(directory, files.map(identityFile));
  assert.equal(await lockedIdentity(target, none), files[0]);
});

/** Its socket; it ends with the test. */
async function startAgent(t: TestContext, directory: string): Promise<string | undefined> {
  const socket = path.join(directory, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  const ended = once(agent, "exit").catch(() => {});
  t.after(async () => {
    agent.kill();
    await ended;
  });
  agent.once("error", () => {});
  if (agent.pid === undefined) return undefined;
  const there = async () => ((await stat(socket).catch(() => undefined)) ? true : undefined);
  await waitFor(there, { what: "The agent", deadlineMs: 10_000, signal });
  return socket;
}

const denied = (reason: string) =>
  fail("SSH_DENIED", { host: "server", target: "me@server", reason });
const refusal = "me@server: Permission denied (publickey,password).";

test("a refused login is explained by the key that nobody unlocked", options, async (t) => {
  const directory = await temporaryDirectory(t);
  const key = await makeKey(directory, "my key", { passphrase: "a secret" });
  const runner = await withConfiguration(directory, [identityFile(key)]);
  const error = denied(refusal);
  const explained = await explainDenied(error, target, runner);
  assert.equal(explained.code, "SSH_PASSPHRASE");
  assert.equal(explained.cause, error);
  assert.ok(explained.message.startsWith(`The key ${key} asks for its passphrase`));
  assert.ok(explained.hint.includes(`eval "$(ssh-agent)" && ssh-add '${key}'; then`));
  // No agent answers there, but it is the one that ssh asks.
  const named = await withConfiguration(directory, [identityFile(key), "IdentityAgent /no/agent"]);
  const { hint } = await explainDenied(error, target, named);
  assert.ok(hint.includes(`: SSH_AUTH_SOCK=/no/agent ssh-add '${key}'; then`), hint);

  for (const other of [
    denied("me@jump: Permission denied (publickey)."),
    denied("me@server: Permission denied (password)."),
    denied("Received disconnect from server: 2: Too many authentication failures"),
    fail("SSH_UNREACHABLE", { host: "server", target: "me@server", reason: refusal }),
  ]) {
    assert.equal(await explainDenied(other, target, runner), other);
  }
  await keygen("-p", "-P", "a secret", "-N", "", "-f", key);
  assert.equal(await explainDenied(error, target, runner), error);
});

test("a key below the home directory is named as people type it", options, async (t) => {
  const directory = await temporaryDirectory(t);
  const key = await makeKey(directory, "my key", { passphrase: "a secret" });
  const home = process.env["HOME"];
  process.env["HOME"] = directory;
  t.after(() => {
    if (home === undefined) delete process.env["HOME"];
    else process.env["HOME"] = home;
  });
  assert.equal(homedir(), directory);
  const runner = await withConfiguration(directory, [identityFile(key)]);
  const { message, hint } = await explainDenied(denied(refusal), target, runner);
  assert.match(message, /^The key ~\/my key asks/);
  assert.match(hint, / ssh-add ~\/'my key'; then/);
});

test("where ssh itself cannot be asked there is no answer, but an interrupt is one", async () => {
  const failing: Runner = {
    ...createRunner(signal),
    run: async () => await Promise.reject(new Error("spawn ssh ENOENT")),
  };
  assert.equal(await lockedIdentity(target, failing), undefined);
  const error = denied(refusal);
  assert.equal(await explainDenied(error, target, failing), error);
  const interrupted = createRunner(AbortSignal.abort(fail("INTERRUPTED", { signal: "SIGINT" })));
  await assert.rejects(lockedIdentity(target, interrupted), { code: "INTERRUPTED" });
});
