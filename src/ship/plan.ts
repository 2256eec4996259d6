/** What is to be done for one server: a pure function of the image and of what the server said. */
import { fail } from "../errors.ts";
import type { Image, PlatformImage } from "../image/image.ts";
import { platformName } from "../image/image.ts";
import { sharedLayers } from "../image/loadable.ts";
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform, type Platform, samePlatform } from "../platform/platform.ts";
import type { ServerFacts } from "../server/facts.ts";
import { wasPulled } from "../server/names.ts";
import { sizeOf } from "../oci/size.ts";

/** How an image comes into a server's engine. */
export type Way = "pull" | "load" | "registry";

export interface Shipment {
  /** Its name there. */
  readonly name: string;
  readonly one: PlatformImage;
  readonly platform: Platform;
  /** Whether the server runs it by an emulator only. */
  readonly isEmulated: boolean;
  /** What the engine will call it. */
  readonly id: Digest;
  /** Whether the engine has it already, under whatever name. */
  readonly isThere: boolean;
  /** Whether it has it under that very name. */
  readonly isNamed: boolean;
  readonly way: Way;
  /** Whether that way was asked for. */
  readonly isForced: boolean;
  /** Why that way, where it is not the usual one. */
  readonly reason: string | undefined;
  /** The layers that will be sent, and those that will not, by what the engine tells of itself. */
  readonly missing: readonly Descriptor[];
  readonly present: readonly Descriptor[];
}

export interface PlanOptions {
  readonly image: Image;
  /** As people write it. */
  readonly subject: string;
  readonly reference: Reference;
  /** As it is typed behind `ssh`. */
  readonly target: string;
  readonly facts: ServerFacts;
  /** Forced; absent: what will do. */
  readonly via?: Way;
  /** Forced; absent: the server's own. */
  readonly platform?: Platform;
  /** Whether the server lets a port be forwarded. */
  readonly hasTunnel: boolean;
  /** Why there is none, as a part of a sentence; absent: the server forbids it. */
  readonly tunnelObstacle?: string;
}

/** @throws SHIP_PLATFORM_WRONG, IMAGE_PLATFORM_MISSING, SHIP_NO_TUNNEL */
export function planShipment(options: PlanOptions): Shipment {
  const { image, reference, facts } = options;
  const { one, platform, isEmulated } = choosePlatform(options);
  const isClassic = facts.engine.imageStore === "classic";
  const id = isClassic ? one.manifest.config.digest : image.root.digest;
  const name = familiarName(reference);
  const diffIds = one.config.rootfs.diff_ids;
  const held = facts.images.find((other) => other.id === id && sameList(other.layers, diffIds));
  const { way, reason } = chooseWay(options, one);
  const present =
    held === undefined ? presentLayers(way, diffIds, facts) : one.manifest.layers.length;
  return {
    name,
    one,
    platform,
    isEmulated,
    id,
    isThere: held !== undefined,
    isNamed: held?.names.includes(name) ?? false,
    way,
    isForced: options.via !== undefined,
    reason,
    missing: distinct(one.manifest.layers.slice(present)),
    present: distinct(one.manifest.layers.slice(0, present)),
  };
}

function choosePlatform({ image, subject, target, facts, platform }: PlanOptions) {
  const host = facts.engine.platform;
  const known = image.platforms.flatMap((one) =>
    one.platform === undefined ? [] : [{ one, platform: one.platform }],
  );
  const present = image.platforms.map(platformName);
  if (platform !== undefined) {
    const asked = known.find((other) => samePlatform(other.platform, platform));
    if (asked !== undefined) return { ...asked, isEmulated: !runsNatively(asked.platform, host) };
    const wanted = formatPlatform(platform);
    throw fail("IMAGE_PLATFORM_MISSING", { image: subject, platform: wanted, present });
  }
  const native =
    known.find((other) => samePlatform(other.platform, host)) ??
    known.find((other) => runsNatively(other.platform, host));
  if (native !== undefined) return { ...native, isEmulated: false };
  const emulated = known.find((other) => facts.emulated.includes(other.platform.architecture));
  if (emulated !== undefined) return { ...emulated, isEmulated: true };
  throw fail("SHIP_PLATFORM_WRONG", {
    image: subject,
    target,
    present,
    needed: formatPlatform(host),
    // Linux, fs/exec.c: ENOEXEC, as runc and the shell print it.
    prediction: "exec format error",
  });
}

/** Why nothing is pulled through the connection, as a part of a sentence: ssh does not tell a server that forbids it from one without a free port. */
export const noPort = "its ssh server forwards no port";

/** Whether the engine's own loopback is that of the login, through which the tunnel comes. */
function chooseWay(options: PlanOptions, one: PlatformImage): Pick<Shipment, "way" | "reason"> {
  const { via, hasTunnel, facts, target } = options;
  const { tunnelObstacle = noPort } = options;
  if (via === "load" || via === "registry") return { way: via, reason: undefined };
  const obstacle = hasTunnel ? blindness(facts) : tunnelObstacle;
  if (via === "pull" && !hasTunnel)
    throw fail("SHIP_NO_TUNNEL", { target, reason: obstacle ?? "it has no tunnel" });
  if (via === "pull" || obstacle === undefined) {
    const saved = via === "pull" ? 0 : loadSaves(one, facts);
    const reason = "it has layers that it does not know by their digests";
    return saved > 0 ? { way: "load", reason } : { way: "pull", reason: undefined };
  }
  return { way: "load", reason: obstacle };
}

function blindness({ engine, isRootless }: ServerFacts): string | undefined {
  if (engine.operatingSystem === "Docker Desktop") return "its engine runs in a virtual machine";
  return isRootless ? "its engine is rootless, and may not see the server's loopback" : undefined;
}

/** Bytes that a partial archive has less than what would be pulled: of images that were loaded or built there. */
function loadSaves({ manifest, config }: PlatformImage, facts: ServerFacts): number {
  if (facts.engine.imageStore !== "classic") return 0;
  const [pulled, loaded] = (["pull", "load"] as const).map((way) =>
    presentLayers(way, config.rootfs.diff_ids, facts),
  );
  const more = manifest.layers.slice(pulled, loaded);
  return sizeOf(more);
}

/**
 * How many layers, from the lowest up, will not be sent. A pull into the classic image store asks for those again whose digests it
 * never learned; what is loaded into containerd's comes whole.
 */
function presentLayers(way: Way, diffIds: readonly Digest[], facts: ServerFacts): number {
  const isClassic = facts.engine.imageStore === "classic";
  if (way === "load" && !isClassic) return 0;
  const isKnown = way !== "load" && isClassic;
  const images = isKnown ? facts.images.filter(wasPulled) : facts.images;
  return sharedLayers(
    diffIds,
    images.map(({ layers }) => layers),
  );
}

function distinct(layers: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}

export function sameList(one: readonly Digest[], other: readonly Digest[]): boolean {
  return one.length === other.length && one.every((digest, n) => digest === other[n]);
}
