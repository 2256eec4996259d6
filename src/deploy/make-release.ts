/** A release from what is wished for and what its image says. */
import { fail } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageConfig } from "./inspect-image.ts";
import type { Gate, Hook, Release, Strategy } from "./release.ts";
import type { RunArguments } from "./run-arguments.ts";

export interface ReleaseWishes {
  readonly run: RunArguments;
  /** The container's port that is asked; absent: the first that is published, else the one that the image exposes. */
  readonly port?: number;
  /** Absent: no HTTP is spoken. */
  readonly health?: { readonly path: string; readonly host: string; readonly seconds: number };
  readonly goodAnswers: number;
  readonly startSeconds: number;
  readonly bakeSeconds: number;
  /** Absent: the proxy, unless something stands against it. */
  readonly strategy?: Strategy;
  /** Of the strategy `proxy`: whose requests are the app's; none: those for hosts that no other app has. */
  readonly hosts: readonly string[];
  readonly drainSeconds: number;
  /** Chain and key in PEM, where the proxy itself speaks TLS. */
  readonly certificate?: string;
  /** Whether another front speaks to the clients; absent: as it was on the server. */
  readonly behindFront?: boolean;
  /** Absent: what the server's proxy is made of, where it has one. */
  readonly proxyImage?: string;
  readonly isSingleWriter: boolean;
  readonly beforeSwitch?: Hook;
}

/** The image as it is on the server. */
export interface ShippedImage {
  readonly name: string;
  readonly id: Digest;
  readonly digest: Digest;
  /** What it is made for. */
  readonly platform: string;
  /** Whether the server would need an emulator for it. */
  readonly isEmulated: boolean;
}

/** @throws DEPLOY_NO_PORT */
export function makeRelease(
  { app, id, strategy }: Pick<Release, "app" | "id" | "strategy">,
  wishes: ReleaseWishes,
  image: ShippedImage,
  config: ImageConfig,
): Release {
  const { run, bakeSeconds, drainSeconds, isSingleWriter, beforeSwitch } = wishes;
  return {
    app,
    id,
    image: image.name,
    digest: image.digest,
    imageId: image.id,
    // The port is the proxy's then.
    run: strategy === "proxy" ? { ...run, publish: [] } : run,
    gate: gateOf(wishes, image, config),
    strategy,
    drainSeconds,
    bakeSeconds,
    isSingleWriter,
    ...(beforeSwitch === undefined ? {} : { beforeSwitch }),
  };
}

function gateOf(
  { run, port, health, goodAnswers, startSeconds }: ReleaseWishes,
  { name }: ShippedImage,
  { ports, healthcheck }: ImageConfig,
): Gate {
  const published = run.publish.find(({ protocol }) => protocol === "tcp")?.container;
  const asked = port ?? published ?? ports[0];
  if (health !== undefined && asked === undefined) throw fail("DEPLOY_NO_PORT", { image: name });
  return {
    ...(health === undefined || asked === undefined ? {} : { health: { port: asked, ...health } }),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    goodAnswers,
    startSeconds,
  };
}
