/** Certificates that could not be the proxy's are refused before anything is built. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { temporaryDirectory } from "../../test/directory.ts";
import { isFailure } from "../errors.ts";
import { readCertificate } from "./certificate.ts";

/** One that signs itself, for `app.example.org` and what is below it, for two days. */
async function certificate(directory: string, name: string) {
  const [file, key] = [path.join(directory, `${name}.pem`), path.join(directory, `${name}.key`)];
  const names = "subjectAltName=DNS:app.example.org,DNS:*.app.example.org";
  const request = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-noenc",
  ];
  const rest = ["-days", "2", "-subj", "/CN=app", "-addext", names, "-keyout", key, "-out", file];
  await execa("openssl", [...request, ...rest]);
  return { certificate: file, key };
}

async function refusal(work: Promise<string>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return isFailure(error, "CERTIFICATE_INVALID") ? error.message : "";
}

test("chain and key become one text, for the hosts that they are for", async (t) => {
  const files = await certificate(await temporaryDirectory(t), "app");
  const text = await readCertificate(files, ["app.example.org", "*.app.example.org"]);
  assert.match(text, /^-----BEGIN CERTIFICATE-----[^]*-----END PRIVATE KEY-----\n$/);
});

test("what is not for a host, of another key, run out or no certificate is refused", async (t) => {
  const directory = await temporaryDirectory(t);
  const files = await certificate(directory, "app");
  const other = await certificate(directory, "other");
  const inThreeDays = new Date(Date.now() + 3 * 86_400_000);
  const says = [
    [files, ["www.example.org"], undefined, /is not for www\.example\.org/],
    [{ ...files, key: other.key }, [], undefined, /the key is another's/],
    [files, [], inThreeDays, /has run out on/],
    [{ certificate: files.certificate }, [], undefined, /no private key/],
    [{ certificate: files.key }, [], undefined, /no certificate in PEM/],
    [{ certificate: `${directory}/none` }, [], undefined, /no such file/],
  ] as const;
  for (const [named, hosts, now, pattern] of says)
    assert.match(await refusal(readCertificate(named, hosts, now)), pattern);
});
