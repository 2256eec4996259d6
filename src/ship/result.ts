/** What came of one server. */
import { platformName } from "../image/image.ts";
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { familiarName } from "../oci/reference.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { Verdict } from "../verify/verify.ts";
import type { Consignment } from "./cargo.ts";
import type { Shipment, Way } from "./plan.ts";
import type { Progress } from "./progress.ts";
import type { Settled } from "./settled.ts";
import { sizeOf } from "../oci/size.ts";

export interface ShipmentResult {
  /** As it is typed behind `ssh`. */
  readonly server: string;
  /** `present`: the engine had it; `planned`: with `--dry-run`. */
  readonly outcome: "shipped" | "present" | "planned";
  readonly via: Way;
  /** Its name there. */
  readonly image: string;
  /** The root's, index or manifest, as it was sent. */
  readonly digest: Digest;
  /** The engine's ID. */
  readonly id: Digest;
  readonly platform: string;
  readonly emulated: boolean;
  /** Absent where nothing was to be sent. */
  readonly verdict?: Verdict;
  /** Compressed bytes of the layers that the engine was thought to lack. */
  readonly bytesPredicted: number;
  /** Bytes of blobs that were sent to it: none by a registry, to which they are pushed once. */
  readonly bytesSent: number;
  /** Compressed bytes of all its layers. */
  readonly bytesTotal: number;
  /** With `--dry-run` none. By a registry: those that it pulled from there. */
  readonly layersSent: number;
  readonly layersPresent: number;
  /** The layers that the engine was thought to lack. */
  readonly missing: readonly Pick<Descriptor, "digest" | "size">[];
  /** Requests for other paths that came through the tunnel. */
  readonly foreignRequests: number;
  readonly durationMs: number;
}

/** The result where all is there. */
export function settledResult({
  consignment: { image, reference },
  settled,
}: {
  readonly consignment: Pick<Consignment, "image" | "reference">;
  readonly settled: Settled;
}): Omit<ShipmentResult, "server" | "durationMs"> {
  const { one, id } = settled;
  const { layers } = one.manifest;
  return {
    outcome: "present",
    via: "pull",
    image: familiarName(reference),
    digest: image.root.digest,
    id,
    platform: platformName(one),
    emulated: false,
    bytesPredicted: 0,
    bytesSent: 0,
    bytesTotal: sizeOf(layers),
    layersSent: 0,
    layersPresent: layers.length,
    missing: [],
    foreignRequests: 0,
  };
}

/** `progress`: of what was done; absent where it was only planned. */
export function plannedResult(
  shipment: Shipment,
  progress: Progress | undefined,
): Omit<
  ShipmentResult,
  "server" | "outcome" | "digest" | "verdict" | "foreignRequests" | "durationMs"
> {
  const { name, id, platform, isEmulated, isThere, way, missing, present } = shipment;
  const layers = [...missing, ...present];
  const sent = layers.filter(({ digest }) => progress?.layers.has(digest));
  return {
    via: way,
    image: name,
    id,
    platform: formatPlatform(platform),
    emulated: isEmulated,
    bytesPredicted: isThere ? 0 : sizeOf(missing),
    bytesSent: progress?.bytes ?? 0,
    bytesTotal: sizeOf(layers),
    layersSent: sent.length,
    layersPresent: progress === undefined ? present.length : layers.length - sent.length,
    missing: isThere ? [] : missing.map(({ digest, size }) => ({ digest, size })),
  };
}
