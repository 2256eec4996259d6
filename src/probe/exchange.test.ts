import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assert as holds, property, uint8Array } from "fast-check";
import {
  dnsQuery,
  echoRequest,
  exchangeRequest,
  isEchoReply,
  readDnsReply,
  readExchange,
} from "./exchange.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The request's address, in hexadecimal. */
function addressOf(address: string): string {
  const target = { address, port: 53 };
  const payload = new Uint8Array();
  return hex(exchangeRequest({ target, transport: "udp", payload, seconds: 1 }).subarray(5));
}

void describe("the probe's exchange", () => {
  void it("is asked by seconds, socket, address and payload", () => {
    const request = exchangeRequest({
      target: { address: "172.18.0.1", port: 8080 },
      transport: "tcp",
      payload: Uint8Array.of(0xaa),
      seconds: 5,
    });
    assert.equal(hex(request), "050201001002001f90ac1200010000000000000000aa");
  });

  void it("knows IPv6 addresses in every form", () => {
    assert.equal(addressOf("::1"), `0a00003500000000${"0".repeat(31)}100000000`);
    assert.equal(addressOf("fd00::2:0"), `0a00003500000000fd00${"0".repeat(20)}0002000000000000`);
    assert.equal(
      addressOf("::ffff:1.2.3.4"),
      `0a00003500000000${"0".repeat(20)}ffff0102030400000000`,
    );
    assert.throws(() => addressOf("localhost"), RangeError);
  });

  void it("ends by the probe's exit code", () => {
    assert.deepEqual(readExchange(0), { kind: "done" });
    assert.deepEqual(readExchange(111), { kind: "refused" });
    assert.deepEqual(readExchange(142), { kind: "silent" });
    assert.deepEqual(readExchange(101), { kind: "unreachable", errno: 101 });
    assert.deepEqual(readExchange(13), { kind: "forbidden", errno: 13 });
    assert.deepEqual(readExchange(22), { kind: "failed", errno: 22 });
  });

  void it("knows an echo reply from an echo request", () => {
    assert.equal(isEchoReply(echoRequest()), false);
    assert.equal(isEchoReply(Uint8Array.of(0, 0, 255, 255, 0, 1, 0, 1)), true);
    assert.equal(isEchoReply(new Uint8Array()), false);
  });
});

void describe("DNS", () => {
  const query = dnsQuery("app.test", 0x1234);

  void it("asks for the addresses of a name", () => {
    assert.equal(hex(query), "1234010000010000000000000361707004746573740000010001");
    assert.throws(() => dnsQuery("a".repeat(64), 1), RangeError);
  });

  void it("reads the addresses of a reply, past names and pointers", () => {
    const alias = "c00c000500010000003c0002c00c";
    const address = "c00c000100010000003c0004ac120002";
    const reply = `12348180000100020000000${hex(query).slice(23)}${alias}${address}`;
    assert.deepEqual(readDnsReply(Buffer.from(reply, "hex"), 0x1234), {
      code: 0,
      addresses: ["172.18.0.2"],
    });
  });

  void it("tells a refusal, and a reply to another question", () => {
    const refused = Buffer.from(`12348183${hex(query).slice(8)}`, "hex");
    assert.deepEqual(readDnsReply(refused, 0x1234), { code: 3, addresses: [] });
    assert.equal(readDnsReply(refused, 0x1235), undefined);
    assert.equal(readDnsReply(query, 0x1234), undefined);
  });

  void it("may answer anything: it is read, and ends", () => {
    holds(
      property(uint8Array({ maxLength: 100 }), (bytes) => {
        readDnsReply(bytes, (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0));
      }),
    );
  });
});
