/** What BuildKit itself is told: its registries and the size of its cache. Kept with the builder, written as its buildkitd.toml. */

export interface BuildkitSettings {
  /** By `host[:port]`, as images name it; `docker.io` for Docker Hub. */
  readonly registries: Readonly<Record<string, RegistrySettings>>;
  /** Most bytes that the cache may hold; {@link defaultCacheBytes} where none is set. */
  readonly cacheBytes?: number;
}

/** Room for the caches of several projects and platforms. BuildKit's own rule, 100 GB, is half of a usual laptop's or server's disk. */
const defaultCacheBytes = 50e9;

interface RegistrySettings {
  /** Plain HTTP. */
  readonly http?: boolean;
  /** The file of the authority that its certificate is signed by; absolute. */
  readonly ca?: string;
  /** Asked before it, the first first: `host[:port][/path]`. */
  readonly mirrors?: readonly string[];
}

/** What is to be different; what is not named here stays. */
export interface SettingsChange {
  /** What is known of them is forgotten, before all else. */
  readonly forget?: readonly string[];
  readonly http?: readonly string[];
  readonly authorities?: readonly { readonly registry: string; readonly file: string }[];
  /** In place of those that the registry has. `http://` in front of a mirror means plain HTTP. */
  readonly mirrors?: readonly { readonly registry: string; readonly mirror: string }[];
  /** `default` is {@link defaultCacheBytes}. */
  readonly cacheSize?: number | "default";
}

export function changeSettings(
  settings: BuildkitSettings,
  change: SettingsChange,
): BuildkitSettings {
  const registries = new Map(Object.entries(settings.registries));
  const set = (name: string, more: RegistrySettings) =>
    registries.set(name, { ...registries.get(name), ...more });
  for (const name of change.forget ?? []) registries.delete(name);
  for (const name of change.http ?? []) set(name, { http: true });
  for (const { registry, file } of change.authorities ?? []) set(registry, { ca: file });
  for (const { registry } of change.mirrors ?? []) set(registry, { mirrors: [] });
  for (const { registry, mirror } of change.mirrors ?? []) {
    const address = mirror.replace(/^https?:\/\//, "");
    set(registry, { mirrors: [...(registries.get(registry)?.mirrors ?? []), address] });
    const [host = ""] = address.split("/");
    if (mirror.startsWith("http://")) set(host, { http: true });
  }
  const size = change.cacheSize ?? settings.cacheBytes ?? "default";
  return {
    registries: Object.fromEntries(
      [...registries].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ),
    ...(size === "default" ? {} : { cacheBytes: size }),
  };
}

/** As one text without a comma (buildx reads driver options as CSV), for {@link readSettings}; empty where nothing is set. */
export function writeSettings({ registries, cacheBytes }: BuildkitSettings): string {
  const fields = new URLSearchParams();
  for (const [name, { http, ca, mirrors = [] }] of Object.entries(registries)) {
    if (http === true) fields.append("http", name);
    if (ca !== undefined) fields.append("ca", `${name}=${ca}`);
    for (const mirror of mirrors) fields.append("mirror", `${name}=${mirror}`);
  }
  if (cacheBytes !== undefined) fields.append("cache", String(cacheBytes));
  return fields.toString();
}

/** The driver option that remembers what BuildKit was told. */
export const settingsOption = "env.TRANSSHIP_SETTINGS";

/** What a node with these driver options was told. */
export function rememberedSettings(
  options: Readonly<Record<string, string>> | undefined,
): BuildkitSettings {
  return readSettings(options?.[settingsOption]);
}

/** What is not understood is passed over: another version wrote it. */
export function readSettings(text: string | undefined): BuildkitSettings {
  const fields = new URLSearchParams(text ?? "");
  const pairs = (name: string) =>
    fields.getAll(name).map((field) => {
      const [registry = "", ...rest] = field.split("=");
      return { registry, value: rest.join("=") };
    });
  const size = Number(fields.get("cache") ?? Number.NaN);
  return changeSettings(
    { registries: {} },
    {
      http: fields.getAll("http"),
      authorities: pairs("ca").map(({ registry, value }) => ({ registry, file: value })),
      mirrors: pairs("mirror").map(({ registry, value }) => ({ registry, mirror: value })),
      ...(Number.isSafeInteger(size) ? { cacheSize: size } : {}),
    },
  );
}

/**
 * The file buildkitd.toml (moby/buildkit, docs/buildkitd.toml.md). Keys that a BuildKit does not know it passes over: before 0.17
 * `gckeepstorage` was the most that the cache may hold, since then `maxUsedSpace` is, and the other is not looked at where that is
 * set. Like BuildKit's own rule it then leaves a fifth of the disk free, down to a tenth of the size. An old BuildKit knows no free
 * space, so where no size is named it keeps its own rule, a tenth of the disk.
 */
export function buildkitToml({ registries, cacheBytes }: BuildkitSettings): string {
  const most = cacheBytes ?? defaultCacheBytes;
  const lines = [
    "# Written by transship setup.",
    "[worker.oci]",
    "gc = true",
    ...(cacheBytes === undefined ? [] : [`gckeepstorage = ${cacheBytes}`]),
    `maxUsedSpace = ${most}`,
    `reservedSpace = ${Math.floor(most / 10)}`,
    'minFreeSpace = "20%"',
    ...Object.entries(registries).flatMap(registryLines),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function registryLines([name, { http, ca, mirrors }]: [string, RegistrySettings]) {
  return [
    `[registry.${toml(name)}]`,
    ...(http === true ? ["http = true"] : []),
    ...(ca === undefined ? [] : [`ca = [${toml(ca)}]`]),
    ...(mirrors === undefined ? [] : [`mirrors = [${mirrors.map(toml).join(", ")}]`]),
  ];
}

/** A basic string of TOML, whose escapes are those of JSON (toml.io, v1.0.0). */
function toml(text: string): string {
  return JSON.stringify(text);
}
