/** Throw-away certificates for a server and a client that know each other by an authority of their own. */
import { execa } from "execa";
import { type CleanUp, directory } from "./engine.ts";

/**
 * A directory with `ca.pem`, and `server` and `client`, each `.pem` and `.key`. `name` is what the server is called, as its certificate
 * says it: `DNS:buildkit.test`, `IP:10.0.0.2`.
 */
export async function certificates(context: CleanUp, name: string): Promise<string> {
  const files = await directory(context, {
    server: `subjectAltName=${name}\nextendedKeyUsage=serverAuth\n`,
    client: "extendedKeyUsage=clientAuth\n",
  });
  const openssl = async (...args: readonly string[]) =>
    await execa("openssl", args, { cwd: files, timeout: 60_000 });
  const authority = ["-days", "2", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=transship"];
  await openssl("req", "-x509", "-newkey", "rsa:2048", "-noenc", ...authority);
  for (const who of ["server", "client"]) {
    const request = ["-keyout", `${who}.key`, "-out", `${who}.csr`, "-subj", `/CN=${who}`];
    await openssl("req", "-newkey", "rsa:2048", "-noenc", ...request);
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"];
    const extended = ["-extfile", who, "-in", `${who}.csr`, "-out", `${who}.pem`];
    await openssl("x509", "-req", ...signed, ...extended);
  }
  return files;
}
