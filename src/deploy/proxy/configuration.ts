/**
 * haproxy.cfg for the apps of a server, and those apps read back from it: the file is the one place where they stand.
 *
 * The addresses are written down, and no name is resolved: a release's container has the fixed address of its color on its app's own network,
 * before and after a reboot. Which of the two serves, and at which port, is in the state file; without one none of them does, since
 * one that was never asked for its health must get no traffic.
 *
 * Source: HAProxy, configuration.txt, 3.1 "Process management", 4.2 "Alphabetically sorted keywords reference", 5.2 "Server and
 * default-server options"; management.txt, 4 "Stopping and restarting HAProxy".
 */
import {
  type Color,
  colors,
  problemsOf,
  type ProxiedApp,
  type ProxiedApps,
  proxiedAppsSchema,
} from "./app.ts";

/** In its container; `watchdog/proxy.sh` has it as well. */
const proxyFiles = "/var/lib/transship";

/** Where it listens in its container: any user may, and it is published elsewhere. */
export const proxyPorts = { http: 8080, https: 8443 } as const;

const mark = "# transship ";

/** @throws RangeError where {@link problemsOf} has something to say. */
export function proxyConfiguration(all: ProxiedApps): string {
  const problems = problemsOf(all);
  if (problems.length > 0) throw new RangeError(problems.join(" "));
  const { apps } = all;
  const sections = [
    global(apps),
    defaults,
    frontend("HTTP", all),
    ...(apps.some(({ tls }) => tls !== undefined) ? [frontend("HTTPS", all)] : []),
    ...apps.map(backend),
  ];
  const head = `# Written by transship; what it reads again is the next line.\n${mark}${JSON.stringify(all)}`;
  return `${[head, ...sections.map((lines) => lines.join("\n  "))].join("\n\n")}\n`;
}

/** `undefined` where the file is none of ours. */
export function parseProxyConfiguration(text: string): ProxiedApps | undefined {
  const line = text.split("\n").find((one) => one.startsWith(mark));
  if (line === undefined) return undefined;
  try {
    return proxiedAppsSchema.safeParse(JSON.parse(line.slice(mark.length))).data;
  } catch {
    return undefined;
  }
}

/**
 * A worker that was replaced goes when its last tunnel ends, at the latest after the longest drain. Memory grows with connections, and a server
 * may allow fewer files than they need: fewer connections then, and no refusal to start (`no strict-limits`). Clients that come again bring what
 * is to be known of their TLS session themselves (RFC 8446, 2.2): room for 20,000 of them on this side would be 5 MB.
 */
function global(apps: readonly ProxiedApp[]): readonly string[] {
  const drain = Math.max(30, ...apps.map(({ drainSeconds }) => drainSeconds));
  return [
    "global",
    "log stdout format raw local0 notice",
    "maxconn 4096",
    "no strict-limits",
    "nbthread 2",
    `hard-stop-after ${drain}s`,
    `server-state-file ${proxyFiles}/servers`,
    "tune.ssl.cachesize 1000",
    "ssl-default-bind-options ssl-min-ver TLSv1.2",
  ];
}

/**
 * - `dontlog-normal`, `log-separate-errors`: of requests those that failed are logged, by the app or on the way.
 * - `http-server-close`: each request goes to the app on a connection of its own. A kept one may be closed by the app in the moment in which a POST
 *   is sent on it, which nobody may send again; at 300 requests a second new ones cost a twentieth of a processor and no time to speak of.
 * - `idle-close-on-response`: a reload closes no idle connection of a client in that moment either, but tells of it with the next answer.
 * - `http-keep-alive` is longer than the 120 s of Caddy, the 60 s of nginx, the 90 s of Go's client: they close first.
 * - `retries`: a connection that fails is tried again for three seconds, which a container that starts again may need. Not for longer: what waits
 *   for an app that is gone takes the connections of the others.
 */
const defaults: readonly string[] = [
  "defaults",
  "mode http",
  "log global",
  "option httplog",
  "option dontlog-normal",
  "option log-separate-errors",
  "option dontlognull",
  "option http-server-close",
  "option idle-close-on-response",
  "option forwardfor",
  "option clitcpka",
  "option srvtcpka",
  "retries 3",
  "timeout connect 1s",
  "timeout http-request 15s",
  "timeout http-keep-alive 130s",
  "timeout client 300s",
  "timeout client-fin 30s",
  "timeout server 300s",
  "timeout tunnel 24h",
  "load-server-state-from-file global",
];

function frontend(name: "HTTP" | "HTTPS", { apps, behindFront }: ProxiedApps): readonly string[] {
  const isSecure = name === "HTTPS";
  const secured = apps.filter(({ tls }) => tls !== undefined);
  const certificates = new Set(secured.map(({ tls }) => tls?.certificate ?? ""));
  const files = [...certificates].map((file) => ` crt ${proxyFiles}/certificates/${file}`);
  return [
    `frontend ${name}`,
    isSecure
      ? `bind :${proxyPorts.https} ssl alpn h2,http/1.1${files.join("")}`
      : `bind :${proxyPorts.http}`,
    "http-request set-var(txn.host) req.hdr(host),host_only,lower,rtrim(.)",
    ...routes(apps),
    "http-request return status 404 content-type text/plain string not-found unless { var(txn.app) -m found }",
    ...(isSecure ? [] : secured.filter(({ tls }) => tls?.redirects === true).map(redirect)),
    ...forwarded(isSecure ? "https" : "http", behindFront),
    "use_backend %[var(txn.app)]",
  ];
}

/**
 * Whose a request is, by its host: one line each, the last that fits holds. All others first, then wildcards, the shortest first, then names.
 */
function routes(apps: readonly ProxiedApp[]): readonly string[] {
  const hosts = apps.flatMap(({ name, hosts: own }) => own.map((host) => ({ name, host })));
  const wild = hosts.filter(({ host }) => host.startsWith("*."));
  wild.sort((a, b) => a.host.length - b.host.length);
  return [
    ...apps.filter((app) => app.hosts.length === 0).map(({ name }) => assign(name)),
    ...wild.map(({ name, host }) => `${assign(name)} if { var(txn.host) -m end ${host.slice(1)} }`),
    ...hosts
      .filter(({ host }) => !host.startsWith("*."))
      .map(({ name, host }) => `${assign(name)} if { var(txn.host) -m str ${host} }`),
  ];
}

function assign(name: string): string {
  return `http-request set-var(txn.app) str(${name})`;
}

/** Where a certificate is asked for over HTTP (RFC 8555, 8.3), it is answered there. */
function redirect({ name }: ProxiedApp): string {
  const location = "https://%[var(txn.host)]%[capture.req.uri]";
  const condition = `{ var(txn.app) -m str ${name} } !{ path_beg /.well-known/acme-challenge/ }`;
  return `http-request redirect code 308 location ${location} if ${condition}`;
}

/** What a client says of these itself must not reach an app that believes them. */
function forwarded(scheme: "http" | "https", behindFront: boolean): readonly string[] {
  const set = `http-request set-header X-Forwarded-Proto ${scheme}`;
  if (behindFront) return [`${set} unless { req.hdr(X-Forwarded-Proto) -m found }`];
  return ["http-request del-header X-Forwarded- -m beg", "http-request del-header Forwarded", set];
}

function backend({ name, port, addresses }: ProxiedApp): readonly string[] {
  const server = (color: Color) => `server ${color} ${addresses[color]}:${port} disabled`;
  return [`backend ${name}`, ...colors.map(server)];
}
