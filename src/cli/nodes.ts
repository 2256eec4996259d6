/** The flag `--node` of setup. */
import path from "node:path";
import type { NodeWish } from "../builder/desired-nodes.ts";
import { fail } from "../errors.ts";
import { parsePlatform } from "../platform/platform.ts";

const command = "transship setup";

/**
 * Reads `ssh://me@server`, `tcp://server:2376,ca=FILE,cert=FILE,key=FILE`, `colima,name=mac,platform=linux/arm64`: an engine, then
 * what is to be known of it, `platform` as often as there are platforms. @throws USAGE, PLATFORM_UNKNOWN
 */
export function parseNode(text: string): NodeWish {
  const [endpoint = "", ...rest] = text.split(",");
  const settings = new Map<string, string[]>();
  for (const field of rest) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/.exec(field) ?? [];
    if (!known.includes(name) || value === "") {
      throw wrong(text, `"${field}" is none of ${known.map((one) => `${one}=…`).join(", ")}`);
    }
    settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  checkEndpoint(text, endpoint);
  const name = settings.get("name")?.at(-1);
  const platforms = settings.get("platform")?.map(parsePlatform);
  const tls = tlsFiles(text, endpoint, settings);
  return {
    endpoint,
    ...(name === undefined ? {} : { name }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(tls === undefined ? {} : { tls }),
  };
}

const known = ["name", "platform", "ca", "cert", "key"];

function checkEndpoint(text: string, endpoint: string): void {
  if (!endpoint.includes("://")) {
    // A context's name (docker/cli, `cli/context/store`).
    if (/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(endpoint)) return;
    throw wrong(text, "it names no engine: write ssh://USER@HOST, tcp://HOST:PORT or a context");
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !["ssh:", "tcp:", "unix:"].includes(url.protocol)) {
    throw wrong(text, "the address of an engine begins with ssh://, tcp:// or unix://");
  }
  if (url.protocol !== "unix:" && url.hostname === "") throw wrong(text, "it names no host");
  if (url.password !== "") throw wrong(text, "a password has no place there: ssh takes keys");
}

function tlsFiles(
  text: string,
  endpoint: string,
  settings: ReadonlyMap<string, readonly string[]>,
): NodeWish["tls"] {
  const [ca, cert, key] = ["ca", "cert", "key"].map((name) => settings.get(name)?.at(-1));
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if (!endpoint.startsWith("tcp://")) throw wrong(text, "certificates are for tcp:// alone");
  if (ca === undefined || cert === undefined || key === undefined) {
    throw wrong(text, "TLS wants all three of ca=FILE, cert=FILE and key=FILE");
  }
  return { ca: path.resolve(ca), cert: path.resolve(cert), key: path.resolve(key) };
}

function wrong(text: string, why: string) {
  return fail("USAGE", { problem: `--node ${text}: ${why}.`, command });
}
