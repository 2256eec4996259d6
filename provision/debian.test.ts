import assert from "node:assert/strict";
import { test } from "node:test";
import { newerStanza, newerStanzaOfLine, pinnedBelow } from "./debian.ts";

test("the newer suites come from the machine's own entry, with its own address and key", () => {
  const own = [
    "Types: deb",
    "# a comment",
    "URIs: http://mirror.example.org/debian",
    "Suites: bookworm bookworm-updates",
    "Components: main",
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
    "",
    "Types: deb",
    "URIs: http://mirror.example.org/debian-security",
    "Suites: bookworm-security",
    "Components: main",
    "",
  ].join("\n");
  assert.equal(
    newerStanza(own),
    [
      "Types: deb",
      "URIs: http://mirror.example.org/debian",
      "Suites: trixie sid",
      "Components: main",
      "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
      "",
    ].join("\n"),
  );
});

test("a file of somebody else's packages has no such entry", () => {
  assert.equal(
    newerStanza("Types: deb\nURIs: https://x.example.org\nSuites: nodistro\nComponents: main\n"),
    undefined,
  );
  assert.equal(
    newerStanza(
      "Types: deb\nURIs: https://x.example.org\nSuites: bookworm-security\nComponents: main\n",
    ),
    undefined,
  );
});

test("a one-line entry becomes a stanza, its key kept", () => {
  assert.equal(
    newerStanzaOfLine(
      "deb [signed-by=/k.gpg] http://mirror.example.org/debian bookworm main contrib\n",
    ),
    "Types: deb\nURIs: http://mirror.example.org/debian\nSuites: trixie sid\nComponents: main contrib\nSigned-By: /k.gpg\n",
  );
  assert.equal(newerStanzaOfLine("deb https://x.example.org cloud-sdk main\n"), undefined);
});

test("packages of the newer suites are taken only when a suite is named", () => {
  assert.equal(pinnedBelow(["sid"]), "Package: *\nPin: release n=sid\nPin-Priority: 100\n");
});
