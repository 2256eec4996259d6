/** `transship ship --to FILE`: an image as one file, for machines that no wire reaches. The same image gives the same bytes. */
import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import { fail } from "../../errors.ts";
import { tarChunks } from "../../filesystem/tarball.ts";
import { type Image, type PlatformImage, platformName } from "../../image/image.ts";
import { lockSubject } from "../../image/subject-lock.ts";
import { mostUsual, portableArchive } from "../../image/portable.ts";
import type { Subject } from "../../image/subject.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Descriptor } from "../../oci/document.ts";
import { gatherParts, type Parts } from "../../oci/parts.ts";
import { familiarName } from "../../oci/reference.ts";
import { formatSize, sizeOf } from "../../oci/size.ts";
import { formatPlatform, type Platform, samePlatform } from "../../platform/platform.ts";
import { storeDirectory } from "../../store/directory.ts";
import { type Cargo, openConsignment } from "../cargo.ts";
import { countedFile, type Progress, trackLayers } from "../progress.ts";
import { type PlatformVerdict, type ProofOptions, provePromised } from "../proof.ts";
import { checkPlace, type Destination, openDestination, type Place } from "./destination.ts";
import { packed } from "./packing.ts";

export type { Place } from "./destination.ts";

export interface ArchiveOptions extends Partial<ProofOptions> {
  readonly subject: Subject;
  /** A file whose name ends in `.tar` is not packed; all else is zstd. A file gets its sum beside it. */
  readonly to: Place;
  /** Its name in the archive; absent: its own. */
  readonly name?: string;
  /** The one to write; absent: all. */
  readonly platform?: Platform;
  /** The store's directory. */
  readonly store?: string;
  /** Prove it, and write nothing. */
  readonly dryRun?: boolean;
}

export interface ArchiveResult {
  readonly subject: string;
  /** The root's that was written: an index's, or a manifest's. */
  readonly digest: Digest;
  /** `planned`: with `dryRun`. */
  readonly outcome: "written" | "planned";
  /** Its name in the archive. */
  readonly image: string;
  /** As it was named; absent where it is a stream. */
  readonly file?: string;
  readonly platforms: readonly PlatformVerdict[];
  /** The one that an engine with the classic image store takes. */
  readonly classic: string;
  /** Of the archive as it was written, in hexadecimal, and its bytes. */
  readonly sha256?: string;
  readonly bytes?: number;
  /** Bytes of blobs and manifests that were written. */
  readonly bytesSent: number;
  /** Compressed bytes of all layers. */
  readonly bytesTotal: number;
  readonly layersSent: number;
  readonly layersPresent: 0;
  readonly durationMs: number;
}

/** @throws the errors of opening an image, SHIP_NAME_MISSING, SHIP_REFUTED, SHIP_UNPROVEN, ARCHIVE_NOT_WRITABLE, DISK_FULL, INTERRUPTED, TERMINATED */
export async function writeArchive(
  options: ArchiveOptions,
  context: Context,
): Promise<ArchiveResult> {
  const started = performance.now();
  const { subject, to } = options;
  await checkPlace(to);
  const store = storeDirectory({ flag: options.store, env: context.env });
  // Nothing is pruned away while it is written.
  const lock = await lockSubject(subject, { store, verb: "ship" }, context);
  try {
    const consignment = await openConsignment({ ...options, store }, context);
    try {
      // Every engine reads gzip.
      const cargo = await consignment.cargo("gzip");
      const load = await chooseLoad(cargo, options.platform);
      const { waivers = [], strict = false, shipAnyway = false, dryRun = false } = options;
      const proof = { waivers, strict, shipAnyway };
      const asked = options.platform && [options.platform];
      const platforms = await provePromised(cargo, asked, proof, context);
      tell(load, nameOf(to), context);
      const written = dryRun ? undefined : await write(cargo, load, to, context);
      return {
        subject: cargo.subject,
        digest: load.parts.root.descriptor.digest,
        outcome: written === undefined ? "planned" : "written",
        image: familiarName(cargo.reference),
        ...("file" in to ? { file: to.file } : {}),
        platforms,
        classic: platformName(load.docker),
        ...written,
        bytesSent: written?.bytesSent ?? 0,
        bytesTotal: sizeOf(load.layers),
        layersSent: written === undefined ? 0 : load.layers.length,
        layersPresent: 0,
        durationMs: Math.round(performance.now() - started),
      };
    } finally {
      await consignment.close();
    }
  } finally {
    await lock.release();
  }
}

/** What of the image is written. */
interface Load {
  readonly parts: Parts;
  readonly platforms: readonly PlatformImage[];
  readonly docker: PlatformImage;
  /** Each once. */
  readonly layers: readonly Descriptor[];
}

/** One platform of several is its manifest alone, since an index whose other manifests are missing is no whole image. */
async function chooseLoad(cargo: Cargo, platform: Platform | undefined): Promise<Load> {
  const { image, parts, opened, subject } = cargo;
  const one = platform && platformOf(image, platform, subject);
  const isAll = one === undefined || image.platforms.length === 1;
  const platforms = one === undefined ? image.platforms : [one];
  const docker = mostUsual(platforms);
  if (docker === undefined)
    throw fail("IMAGE_UNREADABLE", { image: subject, problem: "it has no platform" });
  const layers = platforms.flatMap(({ manifest }) => manifest.layers);
  return {
    parts: isAll ? parts : await gatherParts(opened.source, one.descriptor),
    platforms,
    docker,
    layers: [...new Map(layers.map((layer) => [layer.digest, layer])).values()],
  };
}

/** @throws IMAGE_PLATFORM_MISSING */
function platformOf(image: Image, wanted: Platform, subject: string): PlatformImage {
  const found = image.platforms.find(
    ({ platform }) => platform !== undefined && samePlatform(platform, wanted),
  );
  if (found !== undefined) return found;
  const present = image.platforms.map(platformName);
  const platform = formatPlatform(wanted);
  throw fail("IMAGE_PLATFORM_MISSING", { image: subject, platform, present });
}

function tell({ platforms, layers, docker }: Load, file: string, { report }: Context): void {
  const names = platforms.map(platformName).join(" and ");
  const amount = `${layers.length} layers, ${formatSize(sizeOf(layers))}`;
  report({ kind: "step", title: `Write ${file}`, reason: `${names}, ${amount}` });
  if (platforms.length === 1) return;
  const text = `An engine with the classic image store takes ${platformName(docker)} of it alone; for another one: --platform. transship ship --from takes what its server needs.`;
  report({ kind: "note", text });
}

interface Written {
  readonly sha256: string;
  readonly bytes: number;
  readonly bytesSent: number;
}

async function write(cargo: Cargo, load: Load, to: Place, context: Context): Promise<Written> {
  const { signal, report } = context;
  const { opened, reference } = cargo;
  const { docker } = load;
  const progress = trackLayers({ missing: load.layers, from: 1, report });
  const files = portableArchive(load.parts, { source: opened.source, reference, docker });
  const counted = files.map((file) => countedFile(file, progress));
  const destination = await openDestination(to, signal);
  try {
    const content = packed(tarChunks(counted), nameOf(to));
    const { sha256, bytes } = await pour(content, destination, signal);
    await destination.finish(sha256);
    progress.end();
    return { sha256, bytes, bytesSent: progress.bytes };
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    endFailed(progress, cause);
    await destination.discard();
    throw cause;
  }
}

/** A chunk is written and hashed while the next one is read. */
async function pour(
  content: AsyncIterable<Uint8Array>,
  destination: Destination,
  signal: AbortSignal,
): Promise<Pick<Written, "sha256" | "bytes">> {
  const hash = createHash("sha256");
  let bytes = 0;
  let writing = Promise.resolve();
  try {
    for await (const chunk of content) {
      signal.throwIfAborted();
      await writing;
      writing = destination.write(chunk);
      // It is heard where it is waited for.
      writing.catch(() => {});
      hash.update(chunk);
      bytes += chunk.byteLength;
    }
  } finally {
    // Nothing is closed under a chunk that is on its way.
    await writing;
  }
  return { sha256: hash.digest("hex"), bytes };
}

function endFailed(progress: Progress, cause: unknown): void {
  progress.end(cause instanceof Error ? cause.message : String(cause));
}

function nameOf(place: Place): string {
  return "file" in place ? place.file : place.name;
}
