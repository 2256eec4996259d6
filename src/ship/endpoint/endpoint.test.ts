/** What engines ask of a registry, and what nobody else gets. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ask, exchange, readAnswers, requestText } from "../../../test/ship/client.ts";
import { servedEndpoint } from "../../../test/ship/live-endpoint.ts";
import { digestOf } from "../../oci/digest.ts";

test("a client finds out that there is a registry", async (t) => {
  const { port, endpoint } = await servedEndpoint(t);
  const { status, headers } = await ask(port, "/v2/");
  assert.equal(status, 200);
  assert.equal(headers.get("docker-distribution-api-version"), "registry/2.0");
  assert.equal(endpoint.foreign(), 0);
});

test("manifests by tag and by digest, each with its own media type", async (t) => {
  const { port, base, parts, endpoint } = await servedEndpoint(t);
  const { root, manifests } = parts;
  assert.equal(manifests.length, 2);
  const named = [root, ...manifests].map((one) => [one.descriptor.digest, one] as const);
  for (const [reference, { descriptor, bytes }] of [["latest", root] as const, ...named]) {
    const target = `${base}manifests/${reference}`;
    const got = await ask(port, target, { headers: { Accept: descriptor.mediaType } });
    assert.equal(got.status, 200);
    assert.deepEqual(got.body, Buffer.from(bytes));
    assert.equal(got.headers.get("content-type"), descriptor.mediaType);
    assert.equal(got.headers.get("docker-content-digest"), descriptor.digest);
    const head = await ask(port, target, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    for (const name of ["content-type", "content-length", "docker-content-digest"])
      assert.equal(head.headers.get(name), got.headers.get(name));
  }
  assert.equal(endpoint.foreign(), 0);
});

test("blobs as a whole, and what is told of them", async (t) => {
  const { port, base, parts, blobs, sent } = await servedEndpoint(t);
  for (const { digest, size } of parts.blobs) {
    const got = await ask(port, `${base}blobs/${digest}`);
    assert.equal(got.status, 200);
    assert.equal(digestOf(got.body), digest);
    assert.equal(got.headers.get("docker-content-digest"), digest);
    assert.equal(got.headers.get("accept-ranges"), "bytes");
    assert.deepEqual(sent.splice(0), [{ digest, bytes: size, upTo: size }]);
    const head = await ask(port, `${base}blobs/${digest}`, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("content-length"), String(blobs.get(digest)?.length));
    assert.equal(head.body.length, 0);
    assert.deepEqual(sent, []);
  }
});

/** Each of a blob of ten bytes: what is asked, then the status, the bytes, and what is told of them. */
const ranges: Readonly<Record<string, readonly [number, string, string | undefined]>> = {
  "bytes=0-": [206, "0123456789", "bytes 0-9/10"],
  "bytes=3-5": [206, "345", "bytes 3-5/10"],
  "bytes=8-99": [206, "89", "bytes 8-9/10"],
  "bytes=-3": [206, "789", "bytes 7-9/10"],
  "bytes=0-0,9-9": [200, "0123456789", undefined],
  "lines=3-5": [200, "0123456789", undefined],
  "bytes=10-": [416, '{"errors":[{"code":"SIZE_INVALID"}]}', "bytes */10"],
};

test("parts of a blob", async (t) => {
  const { port, base, more, sent } = await servedEndpoint(t, { more: [Buffer.from("0123456789")] });
  const [digest] = more;
  for (const [range, [status, body, told]] of Object.entries(ranges)) {
    const got = await ask(port, `${base}blobs/${digest}`, { headers: { Range: range } });
    assert.deepEqual([got.status, got.body.toString()], [status, body], range);
    assert.equal(got.headers.get("content-range"), told);
    assert.equal(got.headers.get("content-length"), String(body.length));
  }
  assert.deepEqual(sent[1], { digest, bytes: 3, upTo: 6 });
  // HEAD has no parts (RFC 9110, 14.2).
  const headers = { Range: "bytes=3-5" };
  const head = await ask(port, `${base}blobs/${digest}`, { method: "HEAD", headers });
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "10"]);
});

test("a blob of nothing", async (t) => {
  const { port, base, zeros, failures } = await servedEndpoint(t, { zeros: [0] });
  for (const headers of [{}, { Range: "bytes=0-" }, { Range: "bytes=-5" }]) {
    const got = await ask(port, `${base}blobs/${zeros[0]}`, { headers });
    assert.deepEqual([got.status, got.body.length], [200, 0]);
    assert.equal(got.headers.get("content-length"), "0");
  }
  assert.deepEqual(failures, []);
});

test("a blob of many pieces comes whole, and so does each part of it", async (t) => {
  const bytes = randomBytes(5_000_001);
  const { port, base, more, sent } = await servedEndpoint(t, { more: [bytes] });
  const target = `${base}blobs/${more[0]}`;
  // Several at once, for none may get what another is sent.
  const starts = [0, 1, 262_143, 262_144, 5_000_000];
  const parts = starts.map(async (start) => {
    const { body } = await ask(port, target, { headers: { Range: `bytes=${start}-` } });
    assert.ok(body.equals(bytes.subarray(start)), String(start));
  });
  await Promise.all(parts);
  assert.equal(
    sent.reduce((sum, part) => sum + part.bytes, 0),
    starts.reduce((sum, start) => sum + bytes.length - start, 0),
  );
  assert.equal(Math.max(...sent.map(({ upTo }) => upTo)), bytes.length);
});

test("what there is not is not there, and is nobody's but the engine's question", async (t) => {
  const { port, base, parts, endpoint } = await servedEndpoint(t);
  const absent = digestOf("absent");
  const { digest } = parts.root.descriptor;
  const cases: Readonly<Record<string, string>> = {
    "manifests/1.0": "MANIFEST_UNKNOWN",
    [`manifests/${absent}`]: "MANIFEST_UNKNOWN",
    [`blobs/${absent}`]: "BLOB_UNKNOWN",
    // A manifest is no blob.
    [`blobs/${digest}`]: "BLOB_UNKNOWN",
    "tags/list": "UNSUPPORTED",
    [`referrers/${digest}`]: "UNSUPPORTED",
  };
  for (const [path, code] of Object.entries(cases)) {
    const got = await ask(port, base + path);
    assert.deepEqual(
      [got.status, got.body.toString()],
      [404, JSON.stringify({ errors: [{ code }] })],
    );
  }
  assert.equal(endpoint.foreign(), 0);
});

test("a wrong path gets 404, nothing else, and is counted", async (t) => {
  const { port, base, endpoint } = await servedEndpoint(t);
  const wrong = [
    "/",
    "/v2",
    "/v2/_catalog",
    `/v2/transship/${"f".repeat(32)}/manifests/latest`,
    base.slice(0, -1),
    `http://127.0.0.1${base}manifests/latest`,
    base.replace("/transship", "/%74ransship"),
  ];
  for (const [n, target] of wrong.entries()) {
    const got = await ask(port, target, { method: n % 2 === 0 ? "GET" : "POST" });
    assert.deepEqual(
      [got.status, got.body.toString()],
      [404, '{"errors":[{"code":"NAME_UNKNOWN"}]}'],
    );
    assert.equal(got.headers.get("connection"), "close");
    assert.equal(endpoint.foreign(), n + 1);
  }
});

for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
  test(`${method} is refused under every right path`, async (t) => {
    const { port, base, parts, endpoint } = await servedEndpoint(t);
    const blob = `blobs/${parts.blobs[0]?.digest}`;
    for (const target of [
      "/v2/",
      `${base}manifests/latest`,
      base + blob,
      `${base}blobs/uploads/`,
    ]) {
      const got = await ask(port, target, { method });
      assert.deepEqual([got.status, got.headers.get("allow")], [405, "GET, HEAD"], target);
    }
    assert.equal(endpoint.foreign(), 0);
  });
}

test("CONNECT, OPTIONS * and an upgrade lead nowhere", async (t) => {
  const { port, base, endpoint } = await servedEndpoint(t);
  const connect = await exchange(port, requestText("127.0.0.1:22", { method: "CONNECT" }));
  assert.equal(readAnswers(connect)[0]?.status, 405);
  const options = await exchange(port, requestText("*", { method: "OPTIONS" }));
  assert.equal(readAnswers(options)[0]?.status, 404);
  assert.equal(endpoint.foreign(), 2);
  const headers = { Connection: "Upgrade, close", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABk" };
  const upgrade = await exchange(port, requestText(`${base}manifests/latest`, { headers }));
  assert.equal(readAnswers(upgrade)[0]?.status, 200);
});

test("a request with a body is refused", async (t) => {
  const { port, base } = await servedEndpoint(t);
  const bodies = [
    [{ "Content-Length": "5" }, "hello"],
    [{ "Transfer-Encoding": "chunked" }, "5\r\nhello\r\n0\r\n\r\n"],
    [{ "Content-Length": "5", Expect: "100-continue" }, ""],
    [{ "Content-Length": "5", Expect: "the impossible" }, "hello"],
  ] as const;
  for (const [headers, body] of bodies) {
    const text = requestText(`${base}manifests/latest`, { headers }) + body;
    const [first, ...more] = readAnswers(await exchange(port, text));
    assert.deepEqual([first?.status, first?.headers.get("connection"), more], [400, "close", []]);
  }
  const none = await ask(port, `${base}manifests/latest`, { headers: { "Content-Length": "0" } });
  assert.equal(none.status, 200);
});

test("nothing is answered before there is something, nor afterwards", async (t) => {
  const live = await servedEndpoint(t, { isServed: false, zeros: [50_000_000] });
  const { port, base, endpoint, sent, zeros } = live;
  for (const target of ["/v2/", `${base}manifests/latest`])
    assert.equal((await ask(port, target)).status, 404);
  assert.equal(endpoint.foreign(), 2);
  live.serve();
  assert.equal((await ask(port, `${base}manifests/latest`)).status, 200);

  const underWay = exchange(port, requestText(`${base}blobs/${zeros[0]}`));
  while (sent.length === 0) await new Promise(setImmediate);
  endpoint.withdraw();
  assert.ok((await underWay).length < 50_000_000);
  assert.equal((await ask(port, `${base}manifests/latest`)).status, 404);
  assert.equal((await ask(port, `${base}blobs/${zeros[0]}`)).status, 404);
  // An engine that still asks for it is no stranger.
  assert.equal(endpoint.foreign(), 2);
  await endpoint.close();
  await assert.rejects(ask(port, "/v2/"), { code: "ECONNREFUSED" });
});
