/**
 * The image that the proxy's container is made of. It has HAProxy, a shell and an `nc` that speaks TCP: the official one of Alpine has
 * busybox's, which knows no UNIX socket (docker-library/haproxy, Dockerfile-alpine.template: no socat either).
 */

/** What is taken where nobody names another; of a branch that gets fixes for five years. */
export const defaultProxyImage = "haproxy:3.2-alpine";

/** Major, minor, patch. */
export type ProxyVersion = readonly [major: number, minor: number, patch: number];

/**
 * The oldest branch with fixes in which all that is used is there: `reload` that says what came of it (2.7), `option idle-close-on-response` (2.5).
 * HAProxy, management.txt, 9.4 "Master CLI"; configuration.txt, 4.2.
 */
export const oldestProxy: ProxyVersion = [2, 8, 0];

/** Of what `haproxy -v` prints: `HAProxy version 3.2.26-1 2026/10/14 - https://haproxy.org/`. `undefined` where it is none. */
export function parseProxyVersion(said: string): ProxyVersion | undefined {
  const found = /^HA-?Proxy version (\d+)\.(\d+)(?:\.(\d+))?/m.exec(said);
  if (found === null) return undefined;
  const [, major, minor, patch = "0"] = found;
  return [Number(major), Number(minor), Number(patch)];
}

export function formatProxyVersion(version: ProxyVersion): string {
  return version.join(".");
}

/** Whether a proxy of that version can be what is asked of it. */
export function servesAsProxy(version: ProxyVersion): boolean {
  const at = version.findIndex((part, index) => part !== oldestProxy[index]);
  return at === -1 || (version[at] ?? 0) > (oldestProxy[at] ?? 0);
}
