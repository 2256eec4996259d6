/** What servers printed of an app: each section is a command's own output. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readAppFacts } from "./facts.ts";

const sections: Readonly<Record<string, string>> = {
  place: "/home/me/.local/state/transship/shop\n",
  state: "at=1795750200\nphase=done\nrelease=v2\nverdict=deployed\nserving=v2\nprevious=v1\n",
  lock: "",
  history: "v1\nv2\n",
  containers: `{"name":"shop-v2","release":"v2","state":"running","status":"Up 3 minutes (healthy)"}
{"name":"shop-v1","release":"v1","state":"exited","status":"Exited (143) 3 minutes ago"}
`,
  publishers: `{"name":"shop-v2","ports":"0.0.0.0:80->8080/tcp, [::]:80->8080/tcp"}
{"name":"mail","ports":"25/tcp, 127.0.0.1:1025->1025/tcp, 0.0.0.0:9000-9002->9000-9002/tcp, 0.0.0.0:53->53/udp"}
{"name":"db","ports":"5432/tcp"}
{"name":"quiet","ports":""}
`,
  sockets: `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17021 1
   1: 0100007F:B2D2 0100007F:9C41 01 00000000:00000000 02:000003D8 00000000     0        0 24633 2
  sl  local_address                         remote_address                        st tx_queue
  12: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000
  13: 0000000000000000FFFF00000100007F:1F91 0000000000000000FFFF00000100007F:9C41 06 00000000:00000000
`,
};

function factsOf(changed: Readonly<Record<string, string>> = {}) {
  const all = Object.entries({ ...sections, ...changed });
  return readAppFacts(all.map(([name, text]) => `=transship ${name}\n${text}`).join(""));
}

test("an app with two releases", () => {
  const { state, publishers, ...facts } = factsOf();
  assert.equal(state?.serving, "v2");
  assert.deepEqual(facts, {
    isAlive: false,
    holder: undefined,
    history: ["v1", "v2"],
    containers: [
      { name: "shop-v2", release: "v2", state: "running", status: "Up 3 minutes (healthy)" },
      { name: "shop-v1", release: "v1", state: "exited", status: "Exited (143) 3 minutes ago" },
    ],
    listening: new Set([22, 8080]),
    place: "/home/me/.local/state/transship/shop",
    record: undefined,
  });
  assert.deepEqual(publishers, [
    { name: "shop-v2", ports: [80] },
    { name: "mail", ports: [1025, 9000, 9001, 9002, 53] },
  ]);
});

test("a server that does not know the app", () => {
  const nothing = Object.fromEntries(Object.keys(sections).map((name) => [name, ""]));
  assert.deepEqual(factsOf(nothing), {
    state: undefined,
    isAlive: false,
    holder: undefined,
    history: [],
    containers: [],
    publishers: [],
    listening: undefined,
    place: undefined,
    record: undefined,
  });
});

test("whoever is at work there", () => {
  const lock = "ann@mac since 12:00\n";
  const { holder, isAlive } = factsOf({ lock, state: "phase=gating\n" });
  assert.deepEqual([holder, isAlive], ["ann@mac since 12:00", true]);
  // It has its verdict, and only drains.
  const { holder: drains, isAlive: lives } = factsOf({ lock });
  assert.deepEqual([drains, lives], [undefined, true]);
});

test("what is no line of its section is left out", () => {
  const containers = `Error response from daemon: No such container: 0123
{"name":"shop-v2"}
null
${sections["containers"]}`;
  assert.deepEqual(factsOf({ containers }).containers, factsOf().containers);
});

test("a history that a power cut has spoilt keeps what can be read of it", () => {
  assert.deepEqual(factsOf({ history: "v1\n\0\0\0\0\n../x\n-v\nv2\n" }).history, ["v1", "v2"]);
});

test("ports beyond all bounds are no crash", () => {
  const publishers = '{"name":"odd","ports":"0.0.0.0:1-99999999999->1/tcp, :9-1->1/tcp"}\n';
  assert.ok((factsOf({ publishers }).publishers[0]?.ports.length ?? 0) <= 65_536);
});

test("whatever a server prints, it is no crash", () => {
  const texts = fc.record(
    Object.fromEntries(Object.keys(sections).map((name) => [name, fc.string({ unit: "binary" })])),
  );
  fc.assert(fc.property(texts, (changed) => void factsOf(changed)));
});
