/** Packages of Debian and Ubuntu: the engine of a newer suite on an older one, without an address of our own. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { exists, type Site } from "./site.ts";

/** `debian`, `ubuntu`, or another word of `/etc/os-release`. */
export async function distribution(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID="?([\w.-]+)"?$/m.exec(release)?.[1] ?? "unknown";
}

/** Installs packages with apt, from the machine's own sources; a name may ask for a newer suite: `docker.io/sid`. */
export async function installPackages(site: Site, names: readonly string[]): Promise<void> {
  const isNewer = names.some((name) => name.includes("/"));
  const isAdded = isNewer && (await addNewerSuites(site));
  if (isAdded || !(await hasPackageLists())) await updateLists(site);
  const flags = ["-y", "-qq", "--no-install-recommends"];
  const install = ["apt-get", "install", ...flags, ...names] as const;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const first = await site.attempt(install, { env });
  if (first.exitCode === 0) return;
  // A list older than its mirror names files that are gone; a fresh one does not.
  await updateLists(site);
  await site.run(install, { env });
}

/** Whether all of these commands are on the PATH. */
export async function hasCommands(site: Site, ...names: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    names.map(
      async (name) => await site.attempt(["sh", "-c", 'command -v "$1" >/dev/null', "sh", name]),
    ),
  );
  return found.every(({ exitCode }) => exitCode === 0);
}

/** Downloads packages of that suite and unpacks them under `directory`, installing nothing. */
export async function unpackPackages(
  site: Site,
  names: readonly string[],
  suite: "sid" | "trixie",
  directory: string,
): Promise<void> {
  if (await addNewerSuites(site)) await updateLists(site);
  const packages = path.join(directory, "packages");
  await mkdir(packages, { recursive: true });
  const wanted = names.map((name) => `${name}/${suite}`);
  // apt drops to its own user to download, which may not write here; the root of this call may.
  await site.run(["apt-get", "download", "-qq", "-oAPT::Sandbox::User=root", ...wanted], {
    cwd: packages,
  });
  for (const file of await readdir(packages)) {
    await site.run(["dpkg", "-x", path.join(packages, file), directory]);
  }
}

/**
 * Downloads packages of any architectures (`libc6:arm64`) into `directory`, from the machine's own source of `suite`, with
 * package lists of its own: what apt knows of this machine is neither used nor changed. @throws where the machine is no Debian.
 */
export async function downloadPackages(
  site: Site,
  options: {
    readonly names: readonly string[];
    readonly architectures: readonly string[];
    readonly suite: string;
    readonly directory: string;
  },
): Promise<readonly string[]> {
  const { names, architectures, suite, directory } = options;
  const own = `${directory}.apt`;
  const at = (name: string) => path.join(own, name);
  for (const name of ["sources", "state/lists/partial", "cache/archives/partial"]) {
    await mkdir(at(name), { recursive: true });
  }
  await mkdir(directory, { recursive: true });
  try {
    await writeFile(at("sources/own.sources"), withoutArchitectures(await ownSources(suite)));
    await writeFile(at("status"), "");
    const settings = [
      "Dir::Etc::SourceList=/dev/null",
      `Dir::Etc::SourceParts=${at("sources")}`,
      `Dir::State=${at("state")}`,
      `Dir::State::Status=${at("status")}`,
      `Dir::Cache=${at("cache")}`,
      `APT::Architecture=${architectures[0] ?? ""}`,
      ...architectures.map((one) => `APT::Architectures::=${one}`),
      "Acquire::Languages=none",
      "APT::Sandbox::User=root",
    ].map((setting) => `-o${setting}`);
    await site.run(["apt-get", "update", "-qq", ...settings]);
    await site.run(["apt-get", "download", "-qq", ...settings, ...names], { cwd: directory });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  const files = await readdir(directory);
  return files.map((name) => path.join(directory, name));
}

/** An entry for one architecture only would hide the others. */
function withoutArchitectures(stanza: string): string {
  return stanza.replaceAll(/^Architectures:.*\n/gim, "");
}

const sources = "/etc/apt/sources.list.d";
const ours = "transship-newer";

/** Adds trixie and sid beside the machine's own Debian suites, below them in priority. Returns whether it had to. */
async function addNewerSuites(site: Site): Promise<boolean> {
  if ((await distribution()) !== "debian") return false;
  const file = path.join(sources, `${ours}.sources`);
  const preferences = `/etc/apt/preferences.d/${ours}`;
  if ((await exists(file)) && (await exists(preferences))) return false;
  const own = await ownSources("trixie sid");
  site.report("Adding Debian's newer suites (trixie, sid) below the machine's own");
  await writeFile(preferences, pinnedBelow(["trixie", "sid"]));
  await writeFile(file, own);
  return true;
}

/** The machine's own Debian entry, for these suites. @throws where it has none. */
async function ownSources(suites: string): Promise<string> {
  const names = await readdir(sources).catch((): string[] => []);
  const files = [...names.map((name) => path.join(sources, name)), "/etc/apt/sources.list"];
  for (const file of files) {
    if (path.basename(file).startsWith(ours)) continue;
    const text = await readFile(file, "utf8").catch(() => "");
    const entry = file.endsWith(".sources") ? stanzaOf(text, suites) : stanzaOfLine(text, suites);
    if (entry !== undefined) return entry;
  }
  throw new Error("no Debian entry was found among the machine's package sources");
}

/** The first Debian stanza of a deb822 file, with these suites in place of its own (sources.list(5)). */
export function stanzaOf(deb822: string, suites: string): string | undefined {
  for (const stanza of deb822.split(/\n\s*\n/)) {
    const lines = stanza.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const isMain = lines.some((line) => /^Components:.*\bmain\b/i.test(line));
    const isDebian = lines.some((line) =>
      /^Suites:.*\b(?:bookworm|trixie|stable|bullseye)\b/i.test(line),
    );
    const isSecurity = lines.some((line) => /^Suites:\s*\S+-security\s*$/i.test(line));
    if (!isMain || !isDebian || isSecurity) continue;
    return `${lines.map((line) => line.replace(/^Suites:.*$/i, `Suites: ${suites}`)).join("\n")}\n`;
  }
  return undefined;
}

/** The same of a one-line file, as a deb822 stanza. */
export function stanzaOfLine(text: string, suites: string): string | undefined {
  const entry =
    /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(?:bookworm|bullseye|trixie|stable)\s+(.*\bmain\b.*)$/m;
  const [, options = "", uri, components] = entry.exec(text) ?? [];
  if (uri === undefined || components === undefined) return undefined;
  const signedBy = /signed-by=(\S+)/.exec(options)?.[1];
  return [
    "Types: deb",
    `URIs: ${uri}`,
    `Suites: ${suites}`,
    `Components: ${components.trim()}`,
    ...(signedBy === undefined ? [] : [`Signed-By: ${signedBy}`]),
    "",
  ].join("\n");
}

/** An apt_preferences(5) file that takes packages of these suites only when they are asked for by suite. */
export function pinnedBelow(suites: readonly string[]): string {
  return suites
    .map((suite) => `Package: *\nPin: release n=${suite}\nPin-Priority: 100\n`)
    .join("\n");
}

async function hasPackageLists(): Promise<boolean> {
  const lists = await readdir("/var/lib/apt/lists").catch((): string[] => []);
  return lists.some((name) => name.includes("_Packages"));
}

async function updateLists(site: Site): Promise<void> {
  site.report("Updating the package lists: apt-get update");
  await site.run(["apt-get", "update", "-qq"]);
}
