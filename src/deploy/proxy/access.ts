/** What a server's proxy says of itself, and how it is spoken to by scripts. */
import { createHash } from "node:crypto";
import { fail } from "../../errors.ts";
import { quote } from "../../process/command.ts";
import { searchPath } from "../../server/docker-access.ts";
import type { ServerFacts } from "../../server/facts.ts";
import { readSections, section } from "../../server/sections.ts";
import type { Server } from "../../server/server.ts";
import { type AppName, networkOf, proxyName } from "../names.ts";
import { placeWords } from "../place.ts";
import type { Session } from "../session.ts";
import { readPiece } from "../watchdog.ts";
import type { ProxiedApp, ProxiedApps } from "./app.ts";
import { parseProxyConfiguration } from "./configuration.ts";

const deadlineMs = 120_000;

export interface ProxySeen {
  readonly apps: ProxiedApps;
  readonly addresses: ProxiedApp["addresses"];
  /** Of its configuration; `-` where it has none. */
  readonly sum: string;
  /** What its container is made of, and which ports it has; absent where there is none. */
  readonly image?: string;
  readonly ports: readonly string[];
}

export interface ProxySite {
  readonly server: Server;
  readonly facts: Pick<ServerFacts, "access">;
}

/** What the server's proxy is made of; `undefined` where it has none. @throws the errors of ssh */
export async function proxyImageAt({
  server: { shell, name },
  facts: { access },
}: ProxySite): Promise<string | undefined> {
  const format = quote(`{{index .Config.Labels "dev.transship.proxy"}}`);
  const script = `${searchPath}\n${access} inspect --format ${format} ${proxyName} 2>/dev/null`;
  const looking = { deadlineMs, what: `Looking for the proxy of ${name}` };
  const [image = ""] = (await shell.run(script, looking)).stdout.trim().split(" ");
  // A container without that label is none of ours.
  return image === "" || image.startsWith("<") ? undefined : image;
}

/** @throws PROXY_REFUSED, also where its configuration is not ours to change; the errors of ssh */
export async function lookAtProxy(
  { server, facts }: Session,
  { app, image }: { readonly app: AppName; readonly image: string },
): Promise<ProxySeen> {
  const network = networkOf(app);
  const script = `${proxyVariables(facts.access, image)}
make_network ${network} >&2 || exit
${section("addresses")}; fixed_address ${network} blue; fixed_address ${network} green
${section("label")}; $docker inspect --format '{{index .Config.Labels "dev.transship.proxy"}}' "$proxy" 2>/dev/null
${section("configuration")}; proxy_configuration`;
  const what = `Asking ${server.name} about its proxy`;
  const { exitCode, stdout, stderr } = await server.shell.run(await withPieces(script), {
    deadlineMs,
    what,
  });
  const seen = exitCode === 0 ? readProxy(stdout) : undefined;
  if (typeof seen === "object") return seen;
  const reason = seen ?? stderr.trim().split("\n").at(-1) ?? "";
  throw fail("PROXY_REFUSED", { target: server.name, reason: reason || "it says nothing" });
}

/** What was said, or why nothing can be made of it: a configuration that is not understood has apps that must not be forgotten. */
export function readProxy(stdout: string): ProxySeen | string | undefined {
  const { addresses = "", label = "", configuration = "" } = readSections(stdout);
  const [blue = "", green = ""] = addresses.split("\n");
  if (green === "") return undefined;
  const apps =
    configuration === ""
      ? { apps: [], behindFront: false }
      : parseProxyConfiguration(configuration);
  if (apps === undefined)
    return `its configuration (haproxy.cfg in the volume ${proxyName}) is not ours, or of another version of transship.`;
  const [made, ...ports] = label
    .trim()
    .split(" ")
    .filter((word) => word !== "");
  const sum = createHash("sha256").update(configuration).digest("hex");
  return {
    apps,
    addresses: { blue, green },
    sum: configuration === "" ? "-" : sum,
    ...(made === undefined ? {} : { image: made }),
    ports,
  };
}

/** Of all apps of the server one at a time changes it. */
export function underLock(app: AppName): string {
  return `umask 077
${placeWords(".proxy")}
mkdir -p "$place" || exit
take_lock ${quote(app)} >&2 || exit
trap free_lock EXIT`;
}

export function proxyVariables(access: string, image: string): string {
  return `docker=${quote(access)} proxy=${proxyName} proxy_image=${quote(image)}`;
}

export async function withPieces(script: string): Promise<string> {
  const names = ["process", "lock", "network", "proxy", "certificate"] as const;
  const pieces = await Promise.all(names.map(readPiece));
  return [searchPath, ...pieces, script].join("\n");
}
