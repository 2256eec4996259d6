/** The certificate with which the proxy speaks TLS, read and looked at before anything is built. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fail } from "../errors.ts";

export interface CertificateFiles {
  /** Chain in PEM, the app's own certificate first; the key may stand in it as well. */
  readonly certificate: string;
  /** In PEM, where it stands in a file of its own. */
  readonly key?: string | undefined;
}

/**
 * Chain and key as one text. @throws CERTIFICATE_INVALID where the key is not the certificate's, it has run out, or is not for a host;
 * nothing of the key is told
 */
export async function readCertificate(
  files: CertificateFiles,
  hosts: readonly string[],
  now = new Date(),
): Promise<string> {
  const { certificate: file, key } = files;
  const parts = await Promise.all([file, ...(key === undefined ? [] : [key])].map(read));
  const text = parts.map((part) => part.trim()).join("\n");
  const problem = problemOf(text, hosts, now);
  if (problem !== undefined) throw fail("CERTIFICATE_INVALID", { file, problem });
  return `${text}\n`;
}

function problemOf(text: string, hosts: readonly string[], now: Date): string | undefined {
  const chain = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(text)?.[0];
  const secret = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----/.exec(
    text,
  )?.[0];
  if (chain === undefined) return "no certificate in PEM stands in it";
  if (secret === undefined) return "no private key stands in it, and none is named (--tls-key)";
  try {
    const certificate = new X509Certificate(chain);
    if (!certificate.checkPrivateKey(createPrivateKey(secret))) return "the key is another's";
    if (certificate.validToDate < now) return `it has run out on ${certificate.validTo}`;
    const stranger = hosts.find(
      (host) => certificate.checkHost(host.replace(/^\*\./, "any.")) === undefined,
    );
    return stranger === undefined ? undefined : `it is not for ${stranger}`;
  } catch {
    return "it cannot be read (a key with a passphrase is of no use there)";
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw fail(
      "CERTIFICATE_INVALID",
      { file, problem: "there is no such file that can be read" },
      { cause: error },
    );
  }
}
