import assert from "node:assert/strict";
import { test } from "node:test";
import { sshArgv, sshFailure, sshSettingsArgv, sshTargetText } from "./ssh.ts";

const target = { host: "build.example.org", user: "me", port: 2222 };

test("a command's words come through the remote shell as they are, and nothing is asked", () => {
  assert.equal(
    sshArgv(target, ["docker", "version", "--format", "{{.Server.Os}}"]).join(" "),
    "ssh -T -o BatchMode=yes -o ConnectTimeout=10 -l me -p 2222 -- build.example.org docker version --format '{{.Server.Os}}'",
  );
  assert.equal(sshTargetText(target), "-p 2222 me@build.example.org");
  assert.equal(sshTargetText({ host: "server" }), "server");
});

test("a key that is named is ssh's -i, before what the configuration has", () => {
  const named = { ...target, identity: "~/.ssh/my key" };
  assert.equal(
    sshArgv(named, ["true"]).slice(6).join("|"),
    "-i|~/.ssh/my key|-l|me|-p|2222|--|build.example.org|true",
  );
  assert.equal(
    sshSettingsArgv(named).join("|"),
    "ssh|-G|-i|~/.ssh/my key|-l|me|-p|2222|--|build.example.org",
  );
  assert.equal(sshTargetText(named), "-i ~/'.ssh/my key' -p 2222 me@build.example.org");
});

const words: Readonly<Record<string, string>> = {
  "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.\r\n":
    "SSH_HOST_KEY_CHANGED",
  "No ED25519 host key is known for server and you have requested strict checking.\r\nHost key verification failed.":
    "SSH_HOST_KEY_UNKNOWN",
  "me@server: Permission denied (publickey,password).": "SSH_DENIED",
  "ssh: Could not resolve hostname server: Name or service not known": "SSH_UNREACHABLE",
  "ssh: connect to host server port 22: Connection refused": "SSH_UNREACHABLE",
  "kex_exchange_identification: Connection closed by remote host": "SSH_UNREACHABLE",
};

for (const [text, code] of Object.entries(words)) {
  test(`${text.trim().split(/\r?\n/).at(-1)}: ${code}`, () => {
    assert.equal(sshFailure(target, text)?.code, code);
  });
}

test("the key to forget is named as known_hosts has it", () => {
  const failure = sshFailure(target, "REMOTE HOST IDENTIFICATION HAS CHANGED");
  assert.match(failure?.hint ?? "", /ssh-keygen -R '\[build\.example\.org\]:2222'/);
  assert.equal(sshFailure(target, "bash: docker: command not found"), undefined);
});
