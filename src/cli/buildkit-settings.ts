/** The flags of setup that say what BuildKit is to be told: `--registry-…` and `--cache-size`. */
import path from "node:path";
import type { SettingsChange } from "../builder/settings.ts";
import { fail } from "../errors.ts";
import { parseSize } from "./quantities.ts";

export interface SettingsFlags {
  readonly registryHttp?: readonly string[];
  readonly registryCa?: readonly string[];
  readonly registryMirror?: readonly string[];
  readonly registryForget?: readonly string[];
  readonly cacheSize?: string;
}

const command = "transship setup";
/** Less holds no build's own layers. */
const leastCache = 100e6;

/** What is asked for; absent where nothing is. @throws USAGE */
export function settingsChange(flags: SettingsFlags): SettingsChange {
  const { registryHttp, registryCa, registryMirror, registryForget, cacheSize } = flags;
  return {
    ...(registryForget === undefined
      ? {}
      : { forget: registryForget.map((text) => registry("--registry-forget", text)) }),
    ...(registryHttp === undefined
      ? {}
      : { http: registryHttp.map((text) => registry("--registry-http", text)) }),
    ...(registryCa === undefined
      ? {}
      : {
          authorities: registryCa
            .map((text) => pair("--registry-ca", text, "HOST[:PORT]=FILE"))
            .map((one) => ({ registry: one.registry, file: path.resolve(one.value) })),
        }),
    ...(registryMirror === undefined
      ? {}
      : {
          mirrors: registryMirror
            .map((text) => pair("--registry-mirror", text, "HOST=MIRROR[:PORT][/PATH]"))
            .map((one) => ({ registry: one.registry, mirror: mirror(one.value) })),
        }),
    ...(cacheSize === undefined ? {} : { cacheSize: size(cacheSize) }),
  };
}

function pair(flag: string, text: string, form: string) {
  const [name = "", ...rest] = text.split("=");
  const value = rest.join("=");
  if (value === "") throw wrong(flag, text, `write ${form}`);
  return { registry: registry(flag, name), value };
}

/** `host[:port]` as it stands in images' names; an `http://` in front is passed over. */
function registry(flag: string, text: string): string {
  const name = text.replace(/^https?:\/\//, "").replace(/\/$/, "");
  if (/^(?:[\w.-]+|\[[\da-fA-F:]+\])(?::\d+)?$/.test(name)) return name.toLowerCase();
  throw wrong(flag, text, "a registry is HOST or HOST:PORT");
}

function mirror(text: string): string {
  const flag = "--registry-mirror";
  const [, scheme = "", host = "", rest = ""] =
    /^(https?:\/\/)?([^/]+)((?:\/[\w./-]*)?)$/.exec(text) ?? [];
  if (host === "") throw wrong(flag, text, "a mirror is HOST[:PORT][/PATH]");
  return `${scheme}${registry(flag, host)}${rest.replace(/\/$/, "")}`;
}

function size(text: string): number | "default" {
  if (text === "default") return "default";
  const bytes = parseSize(text, "--cache-size", command);
  if (bytes >= leastCache) return bytes;
  throw wrong("--cache-size", text, "less than 100MB holds no build");
}

function wrong(flag: string, text: string, why: string) {
  return fail("USAGE", { problem: `${flag} ${JSON.stringify(text)}: ${why}.`, command });
}
