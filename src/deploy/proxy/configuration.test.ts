import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProxiedApp, ProxiedApps } from "./app.ts";
import { parseProxyConfiguration, proxyConfiguration } from "./configuration.ts";

const shop: ProxiedApp = {
  name: "shop",
  hosts: ["*.example.org", "shop.example.org"],
  port: 8080,
  addresses: { blue: "172.18.255.253", green: "172.18.255.254" },
  drainSeconds: 60,
};
const blog: ProxiedApp = {
  name: "blog",
  hosts: ["*.blog.example.org"],
  port: 3000,
  addresses: { blue: "172.19.255.253", green: "172.19.255.254" },
  drainSeconds: 300,
  tls: { certificate: "blog.pem", redirects: true },
};
const rest: ProxiedApp = {
  ...shop,
  name: "rest",
  hosts: [],
  addresses: { blue: "172.20.255.253", green: "172.20.255.254" },
};

/** The lines of a section, without what stands before them. */
function section(text: string, head: string): readonly string[] {
  const sections = text.split("\n\n").map((one) => one.trim().split("\n"));
  const found = sections.find(([first]) => first === head) ?? [];
  return found.slice(1).map((line) => line.trim());
}

function headers(behindFront: boolean): readonly string[] {
  const text = proxyConfiguration({ apps: [shop], behindFront });
  return section(text, "frontend HTTP").filter((line) => line.includes("Forwarded"));
}

function configured(...apps: readonly ProxiedApp[]): string {
  return proxyConfiguration({ apps, behindFront: false });
}

test("each app has two servers, neither of which serves by itself", () => {
  const text = configured(shop, blog);
  assert.deepEqual(section(text, "backend blog"), [
    "server blue 172.19.255.253:3000 disabled",
    "server green 172.19.255.254:3000 disabled",
  ]);
  assert.ok(section(text, "global").includes("hard-stop-after 300s"));
  assert.ok(section(configured(), "global").includes("hard-stop-after 30s"));
});

test("the last line that fits is the nearest host", () => {
  const lines = section(configured(shop, blog, rest), "frontend HTTP");
  const routes = lines.filter((line) => line.includes("set-var(txn.app)"));
  assert.deepEqual(routes, [
    "http-request set-var(txn.app) str(rest)",
    "http-request set-var(txn.app) str(shop) if { var(txn.host) -m end .example.org }",
    "http-request set-var(txn.app) str(blog) if { var(txn.host) -m end .blog.example.org }",
    "http-request set-var(txn.app) str(shop) if { var(txn.host) -m str shop.example.org }",
  ]);
});

test("TLS where an app has a certificate, and a way there", () => {
  assert.deepEqual(section(configured(shop), "frontend HTTPS"), []);
  const other = { ...rest, tls: { certificate: "blog.pem", redirects: false } };
  const text = configured(shop, blog, other);
  const [bind] = section(text, "frontend HTTPS");
  const file = "/var/lib/transship/certificates/blog.pem";
  assert.equal(bind, `bind :8443 ssl alpn h2,http/1.1 crt ${file}`);
  const redirects = section(text, "frontend HTTP").filter((line) => line.includes("redirect"));
  assert.deepEqual(redirects, [
    "http-request redirect code 308 location https://%[var(txn.host)]%[capture.req.uri] if { var(txn.app) -m str blog } !{ path_beg /.well-known/acme-challenge/ }",
  ]);
});

test("what clients say of themselves is believed of a front alone", () => {
  assert.deepEqual(headers(false), [
    "http-request del-header X-Forwarded- -m beg",
    "http-request del-header Forwarded",
    "http-request set-header X-Forwarded-Proto http",
  ]);
  assert.deepEqual(headers(true), [
    "http-request set-header X-Forwarded-Proto http unless { req.hdr(X-Forwarded-Proto) -m found }",
  ]);
});

test("the apps are read back from it", () => {
  const all: ProxiedApps = { apps: [shop, blog, rest], behindFront: true };
  assert.deepEqual(parseProxyConfiguration(proxyConfiguration(all)), all);
  assert.equal(parseProxyConfiguration("global\n  daemon\n"), undefined);
  assert.equal(parseProxyConfiguration("# transship {\n"), undefined);
  assert.equal(parseProxyConfiguration('# transship {"apps":[{}]}\n'), undefined);
});

test("no text where it could not tell whose a request is", () => {
  const twin = { ...rest, hosts: ["shop.example.org"] };
  assert.throws(() => configured(shop, twin), /^RangeError: shop\.example\.org is a host of shop/);
});
