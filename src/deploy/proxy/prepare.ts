/** The proxy of a server, made ready for an app before its release is started there: it runs, reaches the app's network and knows its hosts. */
import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import { fail } from "../../errors.ts";
import { quote } from "../../process/command.ts";
import { type AppName, networkOf } from "../names.ts";
import type { Session } from "../session.ts";
import {
  lookAtProxy,
  proxyImageAt,
  type ProxySite,
  proxyVariables,
  underLock,
  withPieces,
} from "./access.ts";
import { problemsOf, type ProxiedApp, type ProxiedApps } from "./app.ts";
import { proxyConfiguration, proxyPorts } from "./configuration.ts";
import { ensureProxyImage } from "./ensure-image.ts";
import { defaultProxyImage } from "./image.ts";

export interface ProxyWishes {
  readonly app: AppName;
  readonly hosts: readonly string[];
  /** The container's. */
  readonly port: number;
  readonly drainSeconds: number;
  /** Of the server, as `docker create --publish` takes it without the container's: `80`, `127.0.0.1:80`. */
  readonly publish: string;
  /** Chain and key in PEM, with which the proxy itself speaks TLS for the hosts; what comes without it is sent there. */
  readonly certificate?: string;
  /** Whether another one in front of the proxy speaks to the clients; absent: as it was. */
  readonly behindFront?: boolean;
  /** What the proxy is to be made of; absent: what it is made of already, else the usual one. */
  readonly image?: string;
}

const deadlineMs = 120_000;
/** How often the configuration may be another's meanwhile. */
const mostTries = 5;
/** As `proxy.sh` and `lock.sh` have it. */
const changedMeanwhile = 75;

/** @throws PROXY_IMAGE_MISSING, PROXY_REFUSED, PROXY_HOST_TAKEN, the errors of ssh, SERVER_… */
export async function prepareProxy(
  session: Session,
  wishes: ProxyWishes,
  context: Context,
): Promise<void> {
  const image = await chooseProxyImage(session, wishes.image, context);
  for (let tries = 1; ; tries += 1) {
    const seen = await lookAtProxy(session, { app: wishes.app, image });
    const all = withApp(seen.apps, wishes, seen.addresses);
    const target = session.server.name;
    const problems = problemsOf(all);
    if (problems.length > 0) throw fail("PROXY_HOST_TAKEN", { target, app: wishes.app, problems });
    const text = proxyConfiguration(all);
    const ports = portsOf(seen.ports, wishes);
    const script = applyScript(session, {
      wishes,
      image: wishes.image ?? seen.image ?? image,
      text,
      sum: seen.sum,
      ports,
    });
    const ran = await session.server.shell.run(await withPieces(script), {
      deadlineMs,
      what: `Making the proxy of ${target} ready`,
    });
    if (ran.exitCode === 0) return;
    if (ran.exitCode === changedMeanwhile && tries < mostTries) continue;
    const reason = `${ran.stdout}\n${ran.stderr}`.trim().split("\n").slice(-3).join(" ");
    throw fail("PROXY_REFUSED", { target, reason: reason || `exit code ${ran.exitCode}` });
  }
}

/** A proxy that is there needs no image, unless it is to be another one; then it is made anew. @throws PROXY_IMAGE_MISSING, the errors of ssh */
export async function chooseProxyImage(
  site: ProxySite,
  wanted: string | undefined,
  context: Context,
): Promise<string> {
  const present = await proxyImageAt(site);
  if (present !== undefined && (wanted ?? present) === present) return present;
  const image = await ensureProxyImage(site, wanted ?? defaultProxyImage, context);
  if (present !== undefined) {
    const text = `${site.server.name}: the proxy is made anew of ${image}, which is a moment without an answer for all of its apps.`;
    context.report({ kind: "warning", text });
  }
  return image;
}

/** The app takes the place of what it was before; the order of the others stays. */
function withApp(
  { apps, behindFront }: ProxiedApps,
  { app, hosts, port, drainSeconds, certificate, behindFront: wanted }: ProxyWishes,
  addresses: ProxiedApp["addresses"],
): ProxiedApps {
  const tls =
    certificate === undefined ? {} : { tls: { certificate: certificateOf(app), redirects: true } };
  const own = { name: app, hosts: [...hosts], port, addresses, drainSeconds, ...tls };
  const others = apps.filter(({ name }) => name !== app);
  const all = [...others, own].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { behindFront: wanted ?? behindFront, apps: all };
}

/** Its file in the proxy. */
function certificateOf(app: AppName): string {
  return `${app}.pem`;
}

/** Those that it has stay: one that gets others is made anew. */
function portsOf(
  before: readonly string[],
  { publish, certificate }: ProxyWishes,
): readonly string[] {
  const secure = publish.replace(/\d+$/, "443");
  const own = [
    `${publish}:${proxyPorts.http}`,
    ...(certificate === undefined ? [] : [`${secure}:${proxyPorts.https}`]),
  ];
  return [...new Set([...before, ...own])];
}

interface Applied {
  readonly wishes: ProxyWishes;
  readonly image: string;
  readonly text: string;
  readonly sum: string;
  readonly ports: readonly string[];
}

/** What it knows already it is not told again: a reload is a new worker. */
function applyScript({ facts }: Session, { wishes, image, text, sum, ports }: Applied): string {
  const { app, certificate } = wishes;
  const network = networkOf(app);
  const isKnown = createHash("sha256").update(text).digest("hex") === sum;
  return `${proxyVariables(facts.access, image)}
${underLock(wishes.app)}
${certificate === undefined ? "" : `printf %s ${quote(certificate)} | put_certificate ${certificateOf(app)} || exit`}
${isKnown ? "" : `printf %s ${quote(text)} | configure_proxy ${quote(sum)} || exit`}
start_proxy ${ports.map(quote).join(" ")} || exit
join_proxy ${network}`;
}
