import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { parsePlatform } from "../platform/platform.ts";
import { parseNode } from "./nodes.ts";

test("a node is an engine, and what is to be known of it", () => {
  assert.deepEqual(parseNode("ssh://me@server:2222"), { endpoint: "ssh://me@server:2222" });
  assert.deepEqual(parseNode("colima,name=mac,platform=linux/arm64,platform=arm"), {
    endpoint: "colima",
    name: "mac",
    platforms: ["linux/arm64", "linux/arm/v7"].map(parsePlatform),
  });
  assert.deepEqual(parseNode("tcp://10.0.0.2:2376,ca=/c/ca.pem,cert=/c/cert.pem,key=/c/key.pem"), {
    endpoint: "tcp://10.0.0.2:2376",
    tls: { ca: "/c/ca.pem", cert: "/c/cert.pem", key: "/c/key.pem" },
  });
});

const wrong: Readonly<Record<string, RegExp>> = {
  "": /names no engine/,
  "http://server": /begins with ssh:/,
  "ssh://": /names no host|begins with/,
  "ssh://me:secret@server": /password has no place/,
  "ssh://server,port=22": /"port=22" is none of name=…, platform=…, ca=…/,
  "tcp://server:2376,ca=ca.pem": /all three of/,
  "ssh://server,ca=a,cert=b,key=c": /tcp:\/\/ alone/,
};

for (const [text, problem] of Object.entries(wrong)) {
  test(`--node ${text}: ${problem.source}`, () => {
    assert.throws(
      () => parseNode(text),
      (error) => isFailure(error, "USAGE") && problem.test(error.message),
    );
  });
}
