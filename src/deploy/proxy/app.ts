/** The apps that share a server's proxy, and what is wrong with them together. */
import * as z from "zod";

/** An app has two places in the proxy: one serves, the next release starts in the other. */
export const colors = ["blue", "green"] as const;
export type Color = (typeof colors)[number];

/** Longer than a day an old worker of the proxy must not live. */
export const mostDrainSeconds = 86_400;

const colorAddress = z.ipv4();

const proxiedAppSchema = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/),
  /** Lower case: `app.example.org`, or `*.example.org` for all below it. None: every host that no other app has. */
  hosts: z.array(z.string()).readonly(),
  /** On which its container listens when nobody says otherwise at a switch. */
  port: z.int().min(1).max(65_535),
  /** Of its containers on the app's own network; see `watchdog/network.sh`. */
  addresses: z.object({ blue: colorAddress, green: colorAddress }).readonly(),
  /** How long requests and tunnels of an old release may live on. */
  drainSeconds: z.int().min(0).max(mostDrainSeconds),
  /** Present where the proxy itself speaks TLS for its hosts. */
  tls: z
    .object({
      /** Chain and key in one file of the proxy's certificates: `shop.pem`. */
      certificate: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.pem$/),
      /** Whether what comes without TLS is sent there. */
      redirects: z.boolean(),
    })
    .readonly()
    .optional(),
});

export type ProxiedApp = Readonly<z.infer<typeof proxiedAppSchema>>;

export const proxiedAppsSchema = z.object({
  apps: z.array(proxiedAppSchema).readonly(),
  /** Whether a front before the proxy (Caddy, nginx, a load balancer) speaks to the clients, and its X-Forwarded-… are to be believed. */
  behindFront: z.boolean(),
});

export type ProxiedApps = Readonly<z.infer<typeof proxiedAppsSchema>>;

/** One sentence for each thing for which the proxy could not tell whom a request is for. */
export function problemsOf({ apps }: ProxiedApps): readonly string[] {
  return [...hostProblems(apps), ...repeated(apps)];
}

function hostProblems(apps: readonly ProxiedApp[]): readonly string[] {
  return apps.flatMap(({ name, hosts }) =>
    hosts
      .filter((host) => !isHost(host))
      .map((host) => `${JSON.stringify(host)}, a host of ${name}, is no host name.`),
  );
}

function repeated(apps: readonly ProxiedApp[]): readonly string[] {
  return [
    ...twice(
      apps,
      ({ name }) => [name],
      (name) => `Two apps have the name ${name}.`,
    ),
    ...twice(
      apps,
      ({ hosts }) => (hosts.length === 0 ? ["*"] : hosts),
      (host, names) =>
        host === "*"
          ? `${names} name no host, and only one app can have all that no other has.`
          : `${host} is a host of ${names}.`,
    ),
    ...twice(
      apps,
      ({ addresses }) => colors.map((color) => addresses[color]),
      (address, names) => `${address} is an address of ${names}.`,
    ),
  ];
}

function twice(
  apps: readonly ProxiedApp[],
  keysOf: (app: ProxiedApp) => readonly string[],
  say: (key: string, names: string) => string,
): readonly string[] {
  const owners = new Map<string, string[]>();
  for (const app of apps) {
    for (const key of keysOf(app)) owners.set(key, [...(owners.get(key) ?? []), app.name]);
  }
  return [...owners]
    .filter(([, names]) => names.length > 1)
    .map(([key, names]) => say(key, names.join(" and ")));
}

const aLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 1123, 2.1: labels of letters, digits and hyphens, in lower case as they are compared; `*.` may stand before them. */
export function isHost(host: string): boolean {
  const labels = (host.startsWith("*.") ? host.slice(2) : host).split(".");
  return host.length <= 253 && labels.every((label) => aLabel.test(label));
}
