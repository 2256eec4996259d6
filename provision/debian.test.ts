import assert from "node:assert/strict";
import { test } from "node:test";
import { stanzaOf, stanzaOfLine, pinnedBelow } from "./debian.ts";

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
    stanzaOf(own, "trixie sid"),
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
    stanzaOf(
      "Types: deb\nURIs: https://x.example.org\nSuites: nodistro\nComponents: main\n",
      "bookworm",
    ),
    undefined,
  );
  assert.equal(
    stanzaOf(
      "Types: deb\nURIs: https://x.example.org\nSuites: bookworm-security\nComponents: main\n",
      "bookworm",
    ),
    undefined,
  );
});

test("a one-line entry becomes a stanza, its key kept", () => {
  assert.equal(
    stanzaOfLine(
      "deb [signed-by=/k.gpg] http://mirror.example.org/debian bookworm main contrib\n",
      "trixie sid",
    ),
    "Types: deb\nURIs: http://mirror.example.org/debian\nSuites: trixie sid\nComponents: main contrib\nSigned-By: /k.gpg\n",
  );
  assert.equal(stanzaOfLine("deb https://x.example.org cloud-sdk main\n", "trixie sid"), undefined);
});

test("packages of the newer suites are taken only when a suite is named", () => {
  assert.equal(pinnedBelow(["sid"]), "Package: *\nPin: release n=sid\nPin-Priority: 100\n");
});
