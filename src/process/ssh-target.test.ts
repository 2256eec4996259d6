import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isFailure } from "../errors.ts";
import { parseSshTarget, serverFlagsText, sshTargetOf } from "./ssh-target.ts";
import type { SshTarget } from "./ssh.ts";

const accepted: Readonly<Record<string, SshTarget>> = {
  server: { host: "server" },
  "my_host.example.org": { host: "my_host.example.org" },
  "me@server": { host: "server", user: "me" },
  // As ssh does: the last @ ends the user, who may be one of a directory.
  "me@example.org@server": { host: "server", user: "me@example.org" },
  "DOMAIN\\me@server": { host: "server", user: "DOMAIN\\me" },
  "192.0.2.1": { host: "192.0.2.1" },
  "::1": { host: "::1" },
  "[::1]": { host: "::1" },
  "me@[2001:db8::1]": { host: "2001:db8::1", user: "me" },
  "[fe80::1%eth0]": { host: "fe80::1%eth0" },
  "bücher.example": { host: "bücher.example" },
  "ssh://server": { host: "server" },
  "ssh://server/": { host: "server" },
  "ssh://me@Server:2222": { host: "Server", user: "me", port: 2222 },
  "ssh://me%40example.org@server": { host: "server", user: "me@example.org" },
  "ssh://[::1]:2222": { host: "::1", port: 2222 },
  "ssh://bücher.example": { host: "bücher.example" },
};

for (const [text, target] of Object.entries(accepted)) {
  test(`${text} is a server`, () => {
    assert.deepEqual(parseSshTarget(text), target);
  });
}

/** What the quotes of a shell leave of one word. */
const pasted = (text: string) => text.replaceAll("'", "");

test("a server is written as it is read again, its port among it", () => {
  for (const target of Object.values(accepted))
    assert.deepEqual(parseSshTarget(pasted(serverFlagsText(target))), target);
  for (const host of ["server", "::1", "bücher.example"])
    for (const user of ["me", "me@example.org", "DOMAIN\\me"]) {
      const target = { host, user, port: 2222 };
      assert.deepEqual(parseSshTarget(pasted(serverFlagsText(target))), target);
    }
  const named = { host: "server", user: "me", identity: "~/.ssh/my key" };
  assert.equal(serverFlagsText(named), "me@server --identity ~/'.ssh/my key'");
});

const refused: Readonly<Record<string, RegExp>> = {
  "": /empty/,
  " server": /blanks/,
  "a\tserver": /blanks/,
  "server\u001b[2J": /cannot be seen/,
  "server\u202e": /cannot be seen/,
  "\ud800": /cannot be seen/,
  "-oProxyCommand=sh": /options/,
  "me@-oProxyCommand=sh": /options/,
  "-l@server": /options/,
  "ssh://-oProxyCommand=sh": /options/,
  "ssh://%2DoProxyCommand=sh": /options/,
  "ssh://%2Dl@server": /options/,
  "@server": /no user/,
  "me@": /no host/,
  "server:2222": /ssh:\/\/server:2222/,
  "me@[::1]:2222": /ssh:\/\/me@\[::1\]:2222/,
  "server:app": /path/,
  "/run/docker.sock": /path/,
  "./server": /path/,
  "me@server/app": /path/,
  "[server]": /IPv6/,
  "[]": /IPv6/,
  "server;id": /characters that no host/,
  "$(id)@server": /characters that no user/,
  "`id`": /characters that no host/,
  "me:secret@server": /password/,
  "tcp://server:2376": /ssh:\/\//,
  "ssh://": /names a host/,
  "ssh://me@": /names a host/,
  "ssh://@server": /more than/,
  "ssh://server/run/docker.sock": /path/,
  "ssh://server?a": /more than/,
  "ssh://server#": /more than/,
  "ssh://server:0": /port 0/,
  "ssh://server:65536": /names a host/,
  "ssh://%@server": /names a host/,
  "ssh://a%20b": /characters that no host/,
  "ssh://a%2Fb": /characters that no host/,
  "ssh://me%0a@server": /characters that no user/,
  "ssh://me:secret@server": /password/,
  "ssh://me:se/cr@et@server": /names a host/,
};

for (const [text, problem] of Object.entries(refused)) {
  test(`${JSON.stringify(text)} is none`, () => {
    assert.throws(
      () => parseSshTarget(text),
      (error) =>
        isFailure(error, "SERVER_INVALID") &&
        problem.test(error.message) &&
        !/secret|se\/cr|et@/.test(error.message),
    );
  });
}

test("whatever is typed is a server or SERVER_INVALID, and never another option of ssh", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ..."ssh:// @ : [ ] :: / % %2D %00 - \\ ; ? # 22 me server 2001:db8::1".split(" "),
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
    // Half a surrogate too: what a shell hands over is not always text.
    fc.integer({ min: 0, max: 0xff_ff }).map((unit) => String.fromCodePoint(unit)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      try {
        const { host, user, port } = parseSshTarget(text);
        assert.match(host, /^[^-\s/@]/);
        assert.doesNotMatch(host, /[\s\p{C}/@]/u);
        if (user !== undefined) assert.match(user, /^[^-\s][^\s\p{C}]*$/u);
        if (port !== undefined) assert.ok(port > 0 && port < 65_536);
      } catch (error) {
        if (!isFailure(error, "SERVER_INVALID")) throw error;
      }
      sshTargetOf(text);
    }),
    { numRuns: 300 },
  );
});

test("a server that is written out is read back", () => {
  const name = fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,20}$/);
  const host = fc.oneof(name, fc.ipV4(), fc.ipV6());
  const part = fc.option(name, { nil: undefined });
  fc.assert(
    fc.property(host, part, fc.option(fc.integer({ min: 1, max: 65_535 })), (at, user, port) => {
      const place = at.includes(":") ? `[${at}]` : at;
      const typed = user === undefined ? place : `${user}@${place}`;
      const plain = { host: at, ...(user === undefined ? {} : { user }) };
      assert.deepEqual(parseSshTarget(typed), plain);
      const address = parseSshTarget(port === null ? `ssh://${typed}` : `ssh://${typed}:${port}`);
      // An IPv6 address comes in its shortest form.
      const expected = { ...plain, host: address.host, ...(port === null ? {} : { port }) };
      assert.deepEqual(address, expected);
      if (!at.includes(":")) assert.equal(address.host, at);
    }),
  );
});

test("the longest text is answered at once", () => {
  for (const text of ["@", ":", "[", "a:", "ssh://", "%", "\\"]) {
    assert.throws(
      () => parseSshTarget(text.repeat(200_000)),
      (error) => isFailure(error, "SERVER_INVALID"),
    );
  }
});

test("an ssh address is a target, and whatever else is none", () => {
  assert.deepEqual(sshTargetOf("ssh://me@server:2222/run/docker.sock"), {
    host: "server",
    user: "me",
    port: 2222,
    socket: "/run/docker.sock",
  });
  assert.deepEqual(sshTargetOf("ssh://server"), { host: "server" });
  assert.deepEqual(sshTargetOf("ssh://[2001:db8::1]"), { host: "2001:db8::1" });
  assert.equal(sshTargetOf("tcp://server:2376"), undefined);
  assert.equal(sshTargetOf("desktop-linux"), undefined);
  assert.equal(sshTargetOf("ssh://%@server"), undefined);
});
