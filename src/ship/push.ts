/** The one push to a registry that every server then pulls from. */
import { speaksPlainHttp } from "../builder/registries.ts";
import type { Context } from "../context.ts";
import type { Digest } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { familiarName, type Reference, tagged } from "../oci/reference.ts";
import { planPush, pushImage, type PushListener, type PushPlan } from "../registry/push.ts";
import type { Cargo } from "./cargo.ts";
import { type Progress, trackLayers } from "./progress.ts";
import { sizeOf } from "../oci/size.ts";

/** Over which registry an image goes. */
export interface RegistryVia {
  /** Its repository there; without a tag it gets the image's own. It has no digest. */
  readonly registry: Reference;
  /** It was named `http://…`: it has no TLS. */
  readonly plainHttp?: boolean;
}

/** What the push came to. */
export interface Pushed {
  /** `planned`: with `dryRun`. */
  readonly outcome: "pushed" | "planned";
  /** `registry.example.org/app:1`. */
  readonly reference: string;
  /** What servers pull: `registry.example.org/app@sha256:…`. */
  readonly pinned: string;
  /** The blobs that the registry lacked: layers and configs of all platforms. */
  readonly missing: readonly Pick<Descriptor, "digest" | "size">[];
  readonly blobsPresent: number;
  /** Bytes of blobs that were sent, what was sent twice among them. */
  readonly bytesSent: number;
  /** Compressed bytes of all blobs. */
  readonly bytesTotal: number;
  readonly durationMs: number;
}

export interface Push {
  readonly registry: string;
  /** Made by the first who asks; the others wait for it. @throws the errors of {@link pushImage} */
  of(cargo: Cargo): Promise<Pushed>;
  /** What it came to; `undefined` where nobody has asked, or where it failed. */
  result(): Pushed | undefined;
}

export interface PushOptions {
  readonly via: RegistryVia;
  /** Where the image comes from, if that is a registry: what is in another repository of the same one need not be sent. */
  readonly source?: Reference;
  /** Only look what the registry lacks. */
  readonly dryRun: boolean;
  /** For how many servers. */
  readonly servers: number;
  /** The number of its first task. */
  readonly from: number;
}

export function createPush(options: PushOptions, context: Context): Push {
  let pushing: Promise<Pushed> | undefined;
  let result: Pushed | undefined;
  return {
    registry: options.via.registry.registry,
    async of(cargo) {
      pushing ??= push(cargo, options, context);
      result = await pushing;
      return result;
    },
    result: () => result,
  };
}

async function push(
  { image, reference, opened }: Cargo,
  { via, source, dryRun, servers, from }: PushOptions,
  context: Context,
): Promise<Pushed> {
  const started = performance.now();
  const { registry } = via.registry;
  const to = tagged({ ...via.registry, tag: via.registry.tag ?? reference.tag ?? "latest" });
  const name = familiarName(to);
  const plainHttp = via.plainHttp === true || (await speaksPlainHttp(registry, context.env));
  const isBeside = source?.registry === registry && source.repository !== to.repository;
  const mount = isBeside ? { mountFrom: source.repository } : {};
  const work = { store: opened.source, root: image.root, reference: to, plainHttp, ...mount };
  const reason = servers === 1 ? "the server pulls from there" : `once for ${servers} servers`;
  context.report({ kind: "step", title: `Push to ${name}`, reason });
  const watch = watchPush({ registry, from }, context);
  try {
    if (dryRun) watch.listener.planned(await planPush(work, context));
    else await pushImage({ ...work, listener: watch.listener }, context);
  } catch (error) {
    watch.progress()?.end(error instanceof Error ? error.message : String(error));
    throw error;
  }
  const { missing, present } = watch.plan();
  return {
    outcome: dryRun ? "planned" : "pushed",
    reference: name,
    pinned: familiarName({
      registry,
      repository: to.repository,
      digest: image.root.digest,
    }),
    missing: missing.map(({ digest, size }) => ({ digest, size })),
    blobsPresent: present.length,
    bytesSent: watch.progress()?.bytes ?? 0,
    bytesTotal: sizeOf([...missing, ...present]),
    durationMs: Math.round(performance.now() - started),
  };
}

/** Layers as tasks of the registry's; configs are too small to be seen. */
function watchPush(
  { registry, from }: { readonly registry: string; readonly from: number },
  { report }: Context,
) {
  let plan: PushPlan = { missing: [], present: [] };
  let progress: Progress | undefined;
  const listener: PushListener = {
    planned(seen) {
      plan = seen;
      const missing = seen.missing.filter(isLayer);
      progress = trackLayers({ missing, place: registry, from, report });
    },
    sent: (digest, bytes, upTo) => progress?.sent(digest, bytes, upTo),
    done: (digest: Digest) => progress?.done(digest),
  };
  return { listener, plan: () => plan, progress: () => progress };
}

function isLayer({ mediaType }: Descriptor): boolean {
  return mediaType !== mediaTypes.config && mediaType !== mediaTypes.dockerConfig;
}
