/** Gives the engine what it lacks of an image, from the store; then reads the label with the command of requirement 1.2. */
import type { Context } from "../context.ts";
import { dockerArgv } from "../engine/docker.ts";
import type { EngineFacts } from "../engine/facts.ts";
import { type EngineImage, imageLayers, labelArgs, loadImageArgs } from "../engine/images.ts";
import { fail, isFailure } from "../errors.ts";
import { type TarFile, tarball } from "../filesystem/tarball.ts";
import { type Image, type PlatformImage, platformName } from "../image/image.ts";
import { dockerArchive, layoutArchive, plainIndex, sharedLayers } from "../image/loadable.ts";
import type { Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/document.ts";
import { canonicalName, familiarName, type Reference } from "../oci/reference.ts";
import { formatSize, sizeOf } from "../oci/size.ts";
import type { Store } from "../store/store.ts";
import { platformTag } from "./request.ts";

/** An image in the engine. */
export interface LoadedImage {
  /** `rustci:local-amd64`. */
  readonly image: string;
  /** The platforms that it holds there. */
  readonly platforms: readonly string[];
  /** The engine's ID. */
  readonly id: Digest;
  /** What requirement 1.2's command printed: `amd64/linux`. */
  readonly label: string;
  readonly bytesSent: number;
  /** Layers that the engine had already. */
  readonly layersPresent: number;
  readonly layersSent: number;
}

export interface LoadOptions {
  readonly image: Image;
  readonly reference: Reference;
  readonly store: Store;
  readonly engine: Pick<EngineFacts, "imageStore">;
  /** What the engine holds under a name now. */
  readonly before: (name: string) => Promise<EngineImage | undefined>;
}

const loadDeadlineMs = 30 * 60_000;

/** What is to be given to the engine, and what it has of that already. */
export interface LoadPlan {
  readonly parcels: readonly Parcel[];
  /** The layers of every image that the engine has; asked only where some may be left out. */
  readonly present: Promise<readonly (readonly Digest[])[]>;
}

/** Asks the engine what it has, and changes nothing. @throws the engine's and the store's errors */
export async function planLoad(
  options: LoadOptions,
  { docker }: Pick<Context, "docker">,
): Promise<LoadPlan> {
  const isClassic = options.engine.imageStore === "classic";
  const contents = isClassic
    ? options.image.platforms.map((one) => dockerParcel(one, options))
    : [await layoutParcel(options)];
  const parcels = await Promise.all(
    contents.map(async (content) => ({
      content,
      before: await options.before(content.name),
    })),
  );
  const isLacking = parcels.some(({ before, content }) => before?.id !== content.id);
  const present = isClassic && isLacking ? imageLayers(docker) : Promise.resolve([]);
  // Whoever gives the parcels waits for it; until then its failure says nothing.
  present.catch(() => {});
  return { parcels, present };
}

/** @throws LABEL_DIFFERS, DISK_FULL, DOCKER_FAILED, the engine's and the store's errors */
export async function loadImage(
  { parcels, present }: LoadPlan,
  context: Context,
): Promise<readonly LoadedImage[]> {
  const loaded: LoadedImage[] = [];
  if (parcels.length > 1) {
    const names = parcels.map(({ content }) => content.name).join(", ");
    const text = `The engine's image store (classic) holds one platform a tag: ${names}.`;
    context.report({ kind: "note", text });
  }
  for (const parcel of parcels) loaded.push(await give(parcel, present, context));
  return loaded;
}

/** One `docker load`. */
interface Parcel {
  readonly content: Content;
  /** What has its name in the engine now. */
  readonly before: EngineImage | undefined;
}

interface Content {
  readonly name: string;
  /** What the engine will call it. */
  readonly id: Digest;
  readonly platforms: readonly PlatformImage[];
  /** The archive without the layers that are there; `present` are those of each image that the engine has. */
  files(present: readonly (readonly Digest[])[]): readonly TarFile[];
  /** How many layers of each of those that could be left out. */
  skip(present: readonly (readonly Digest[])[]): number;
}

function dockerParcel(platform: PlatformImage, options: LoadOptions): Content {
  const { image, reference, store } = options;
  const name = familiarName(platformReference(platform, image, reference));
  const skip = (present: readonly (readonly Digest[])[]) =>
    sharedLayers(platform.config.rootfs.diff_ids, present);
  return {
    name,
    id: platform.manifest.config.digest,
    platforms: [platform],
    skip,
    files: (present) => dockerArchive(platform, { source: store, tag: name, skip: skip(present) }),
  };
}

function platformReference(
  { platform }: PlatformImage,
  image: Image,
  reference: Reference,
): Reference {
  return platform === undefined
    ? reference
    : platformTag(reference, platform, image.platforms.length);
}

/** One tag for all platforms. */
async function layoutParcel({ image, reference, store }: LoadOptions): Promise<Content> {
  const [only, another] = image.platforms;
  const root =
    only !== undefined && another === undefined
      ? only.descriptor
      : await store.write(mediaTypes.index, plainIndex(image.platforms));
  const names = { name: canonicalName(reference), tag: reference.tag ?? "latest" };
  return {
    name: familiarName(reference),
    id: root.digest,
    platforms: image.platforms,
    skip: () => 0,
    files: () => layoutArchive(root, image.platforms, { source: store, ...names }),
  };
}

async function give(
  { content, before }: Parcel,
  present: LoadPlan["present"],
  context: Context,
): Promise<LoadedImage> {
  const { name, id, platforms } = content;
  const layers = platforms.reduce((sum, { manifest }) => sum + manifest.layers.length, 0);
  const shared = {
    image: name,
    platforms: platforms.map(platformName),
    id,
  };
  if (before?.id === id) {
    const text = `The engine has ${name} already; nothing to send.`;
    context.report({ kind: "note", text });
    const label = await readLabel(content, context);
    return { ...shared, label, bytesSent: 0, layersPresent: layers, layersSent: 0 };
  }
  const sent = await send(content, await present, context);
  const label = await readLabel(content, context);
  return {
    ...shared,
    label,
    bytesSent: sent.bytes,
    layersPresent: sent.skipped,
    layersSent: layers - sent.skipped,
  };
}

/** Sends what the engine lacks; where it lost a layer meanwhile, everything. */
async function send(
  content: Content,
  present: readonly (readonly Digest[])[],
  context: Context,
): Promise<{ bytes: number; skipped: number }> {
  const skipped = content.skip(present);
  try {
    return { bytes: await load(content, content.files(present), context), skipped };
  } catch (error) {
    if (skipped === 0 || !isFailure(error, "DOCKER_FAILED")) throw error;
    context.report({ kind: "detail", text: `${error.message} Sending all layers.` });
    return { bytes: await load(content, content.files([]), context), skipped: 0 };
  }
}

async function load(
  { name }: Content,
  files: readonly TarFile[],
  { docker, report }: Context,
): Promise<number> {
  const bytes = sizeOf(files);
  report({
    kind: "step",
    title: `Load ${name}`,
    reason: `the engine lacks ${formatSize(bytes)} of it`,
  });
  report({ kind: "command", argv: dockerArgv(loadImageArgs()) });
  await docker.run(loadImageArgs(), { input: tarball(files), deadlineMs: loadDeadlineMs });
  return bytes;
}

/** Requirement 1.2, to the letter. @throws LABEL_DIFFERS */
async function readLabel(
  { name, platforms }: Content,
  { docker, report }: Context,
): Promise<string> {
  report({ kind: "command", argv: dockerArgv(labelArgs(name)) });
  const { stdout } = await docker.run(labelArgs(name));
  const actual = stdout.trim();
  report({ kind: "note", text: actual });
  const expected = platforms.map(({ config }) => `${config.architecture}/${config.os}`);
  if (expected.includes(actual)) return actual;
  throw fail("LABEL_DIFFERS", { image: name, expected: expected.join(" or "), actual });
}
