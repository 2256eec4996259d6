/** What an app and its releases are called, on servers as here. */
import { fail } from "../errors.ts";
import { type Digest, shortDigest } from "../oci/digest.ts";

declare const isAppName: unique symbol;
declare const isReleaseId: unique symbol;
/** A component of an image's name, which is a container's, a network's and a file's as well. */
export type AppName = string & { readonly [isAppName]: true };
/** An image's tag, which is a part of a container's name and a file's as well. */
export type ReleaseId = string & { readonly [isReleaseId]: true };

const appForm = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const releaseForm = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** What another release's containers are called by, behind its own name. */
const helpersForm = /-(?:candidate|prober|hook)$/;
/** Characters: a label of DNS has no more, and the app is called by its name on its networks. */
const mostOfApp = 63;
const mostOfRelease = 64;
const mostShown = 80;

/** @throws APP_INVALID */
export function parseAppName(text: string): AppName {
  if (isApp(text)) return text;
  throw fail("APP_INVALID", { app: shown(text), most: mostOfApp });
}

/** @throws RELEASE_INVALID */
export function parseReleaseId(text: string): ReleaseId {
  if (isRelease(text)) return text;
  throw fail("RELEASE_INVALID", { release: shown(text), most: mostOfRelease });
}

function isApp(text: string): text is AppName {
  return text.length <= mostOfApp && appForm.test(text);
}

export function isRelease(text: string): text is ReleaseId {
  // A candidate's and a prober's containers are called by the release's name and such a word.
  return text.length <= mostOfRelease && releaseForm.test(text) && !helpersForm.test(text);
}

/** `20261127-143012-1f2e3d4c5b6a`: when it was made (UTC), and of what. */
export function newReleaseId(now: Date, digest: Digest): ReleaseId {
  const time = now.toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return parseReleaseId(`${time}-${shortDigest(digest)}`);
}

/** The network that an app's containers are on. Its name comes behind that of the proxy, as `watchdog/proxy.sh` wants it. */
export function networkOf(app: AppName): string {
  return `transship.${app}`;
}

/** The container, the volume and the network of a server's proxy. */
export const proxyName = "transship-proxy";

function shown(text: string): string {
  const visible = text.replaceAll(/\p{C}/gu, "\u00b7");
  return visible.length > mostShown ? `${visible.slice(0, mostShown)}…` : visible;
}
