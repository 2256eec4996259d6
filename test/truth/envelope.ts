/** Images whose bytes are not what their documents say. The judge is the engine, which pulls them from a registry and starts them. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { type Descriptor, mediaTypes } from "../../src/oci/document.ts";
import { tarOf } from "../image/image.ts";
import type { Truth } from "./case.ts";
import { field, patched } from "./elf.ts";
import { type Files, fails, hardLinkTo, headers, starts } from "./kit.ts";

export interface Envelope {
  readonly name: string;
  /** What is asked for: `linux/amd64`. */
  readonly platform: string;
  readonly root: Descriptor;
  /** Bytes by the digest under which they are kept, which need not be theirs. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  readonly truth: Truth;
}

interface LayerBlob {
  readonly diffId: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Where the descriptor lies. */
  readonly listed?: { readonly digest?: Digest; readonly size?: number };
  /** The registry does not have it. */
  readonly isMissing?: boolean;
}

interface Lies {
  /** Replace the architecture in the config, and in the index. */
  readonly architecture?: string;
  readonly listedAs?: string;
  /** There is no index above the manifest. */
  readonly isAlone?: boolean;
  /** Replaces the DiffIDs in the config. */
  readonly diffIds?: (own: readonly Digest[]) => readonly Digest[];
  /** Replaces the config's bytes; `isKept`: under the digest of the true ones. */
  readonly config?: { readonly bytes: string; readonly isKept: boolean };
}

/** `program` prints `ready`, started alone. */
export async function envelopes(program: Uint8Array): Promise<readonly Envelope[]> {
  const [app, other] = await Promise.all([
    layerOf({ "srv/app": program }),
    layerOf({ "srv/other": "nothing" }),
  ]);
  const [gzip, second] = [gzipped(app), gzipped(other)];
  const zstd = {
    diffId: digestOf(app),
    mediaType: mediaTypes.layerZstd,
    bytes: zstdCompressSync(app),
  };
  const plain = { diffId: digestOf(app), mediaType: mediaTypes.layer, bytes: app };
  const wrong = digestOf("nothing");
  const noise = await layerOf({ "srv/app": program, "srv/noise": incompressible(20_000) });
  const long = {
    diffId: digestOf(noise),
    mediaType: mediaTypes.layerZstd,
    bytes: zstdCompressSync(noise),
  };
  return [
    of("gzip", [gzip], starts),
    of("zstd", [zstd], starts),
    of("no compression", [plain], starts),
    of(
      "gzip, zstd and none in one image",
      [
        gzip,
        { ...zstd, bytes: zstdCompressSync(other), diffId: digestOf(other) },
        {
          ...plain,
          bytes: await layerOf({ "srv/third": "" }),
          diffId: digestOf(await layerOf({ "srv/third": "" })),
        },
      ],
      starts,
    ),
    of(
      "an archive without compression that is called gzip",
      [{ ...plain, mediaType: mediaTypes.layerGzip }],
      starts,
    ),
    of("gzip cut short", [cut(gzip, gzip.bytes.length - 100)], fails("unexpected EOF")),
    of("zstd cut short", [cut(long, 10_000)], fails("unexpected EOF")),
    of(
      "an archive cut short in whole gzip",
      [gzipped(app.subarray(0, 900))],
      fails("unexpected EOF"),
    ),
    of("an archive without its end", [gzipped(app.subarray(0, app.length - 1024))], starts),
    of(
      "a layer that is no archive",
      [gzipped(Buffer.from("nothing".repeat(1000)))],
      fails("archive/tar: invalid tar header"),
    ),
    of(
      "a DiffID of other bytes",
      [gzip],
      fails("layers from manifest don't match image configuration"),
      { diffIds: () => [wrong] },
    ),
    of(
      "fewer DiffIDs than layers",
      [gzip, second],
      fails("layers from manifest don't match image configuration"),
      { diffIds: (own) => own.slice(1) },
    ),
    of(
      "DiffIDs in another order",
      [gzip, second],
      fails("layers from manifest don't match image configuration"),
      { diffIds: (own) => own.toReversed() },
    ),
    of(
      "a layer of other bytes than its digest",
      [{ ...gzip, listed: { digest: wrong } }],
      fails("filesystem layer verification failed"),
    ),
    of("a layer that is not there", [{ ...gzip, isMissing: true }], fails("unknown blob")),
    of("a config of other bytes than its digest", [gzip], fails("config verification failed"), {
      config: { bytes: "{}", isKept: true },
    }),
    of("a config that is no JSON", [gzip], fails("invalid character"), {
      config: { bytes: "nothing", isKept: false },
    }),
    of(
      "an index that lists the image for another platform",
      [gzipped(await layerOf({ "srv/app": patched(program, field.machine, 243) }))],
      fails("exec /srv/app: exec format error"),
      { architecture: "riscv64", listedAs: "amd64" },
    ),
    of(
      "an index without the platform that is asked for",
      [gzip],
      fails("no matching manifest for linux/amd64 in the manifest list entries"),
      { architecture: "arm64" },
    ),
    of(
      "an image of another platform than the one asked for",
      [gzip],
      fails("does not match the specified platform"),
      { architecture: "arm64", isAlone: true },
    ),
    of(
      "a hard link to a file of a lower layer",
      [gzip, gzipped(await layerOf({ "srv/link": hardLinkTo("srv/app") }))],
      fails("srv/link: no such file or directory"),
    ),
    of(
      "a path twice in one layer",
      [gzip, gzipped(await layerOf({ "srv/x": "one", "./srv/x": "two" }))],
      fails("duplicates of file paths not supported"),
    ),
    of(
      "a file and its own whiteout in one layer",
      [gzip, gzipped(await layerOf({ "srv/x": "one", "srv/.wh.x": "" }))],
      fails("file exists"),
    ),
    of(
      "a whiteout, then a file of that name in the same layer",
      [gzip, gzipped(await layerOf({ "srv/.wh.app": "", "srv/app": program }))],
      starts,
    ),
  ];
}

function cut(layer: LayerBlob, at: number): LayerBlob {
  return { ...layer, bytes: layer.bytes.subarray(0, at) };
}

async function layerOf(files: Files): Promise<Uint8Array> {
  return await tarOf(headers(files));
}

function gzipped(bytes: Uint8Array): LayerBlob {
  return { diffId: digestOf(bytes), mediaType: mediaTypes.layerGzip, bytes: gzipSync(bytes) };
}

function incompressible(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state >> 16;
  });
}

function of(name: string, layers: readonly LayerBlob[], truth: Truth, lies: Lies = {}): Envelope {
  const { architecture = "amd64", listedAs = architecture } = lies;
  const blobs = new Map<Digest, Uint8Array>();
  const put = (
    mediaType: string,
    bytes: Uint8Array,
    listed: LayerBlob["listed"] = {},
  ): Descriptor => {
    const digest = listed.digest ?? digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: listed.size ?? bytes.byteLength };
  };
  const own = layers.map(({ diffId }) => diffId);
  const whole = json({
    architecture,
    os: "linux",
    config: { Entrypoint: ["/srv/app"] },
    rootfs: { type: "layers", diff_ids: lies.diffIds?.(own) ?? own },
  });
  const said = lies.config === undefined ? whole : Buffer.from(lies.config.bytes);
  const kept =
    lies.config?.isKept === true ? { digest: digestOf(whole), size: whole.byteLength } : {};
  const config = put(mediaTypes.config, said, kept);
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: layers.map(({ mediaType, bytes, listed }) => put(mediaType, bytes, listed)),
  });
  for (const { bytes, isMissing } of layers) if (isMissing === true) blobs.delete(digestOf(bytes));
  const entry = put(mediaTypes.manifest, manifest);
  const listing = { ...entry, platform: { os: "linux", architecture: listedAs } };
  const index = json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [listing] });
  const root = lies.isAlone === true ? entry : put(mediaTypes.index, index);
  return { name, platform: "linux/amd64", root, blobs, truth };
}

function json(document: object): Uint8Array {
  return Buffer.from(JSON.stringify(document));
}
