/** The words of `docker create` that a release's run arguments come to. */
import type { Release } from "./release.ts";
import type { PublishedPort } from "./run-arguments.ts";

/** Marks what belongs to an app, and to which of its releases. */
export const appLabel = "dev.transship.app";
export const releaseLabel = "dev.transship.release";
const roleLabel = "dev.transship.role";

/** Of every container of the release, the candidate among them. */
export function createOptions({ app, id, run }: Release): readonly string[] {
  return [
    "--label",
    `${appLabel}=${app}`,
    "--label",
    `${releaseLabel}=${id}`,
    ...run.volumes.flatMap((volume) => ["--volume", volume]),
    ...run.options,
  ];
}

/** Of the one that serves alone: its ports, and the name by which others on its network call it. */
export function publishedOptions({ app, run }: Release): readonly string[] {
  return [
    "--label",
    `${roleLabel}=release`,
    "--network-alias",
    app,
    ...run.publish.flatMap((port) => ["--publish", publishWord(port)]),
  ];
}

/** `127.0.0.1:80:8080/udp`; an IPv6 address stands in brackets. */
function publishWord({ address, host, container, protocol }: PublishedPort): string {
  const shown = address?.includes(":") === true ? `[${address}]` : address;
  const place = shown === undefined ? `${host}` : `${shown}:${host}`;
  return `${place}:${container}${protocol === "tcp" ? "" : `/${protocol}`}`;
}
