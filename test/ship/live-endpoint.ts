/** An endpoint that lives: real files of a small image of two platforms, or of any size. */
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { type Digest, digestOf, hexOf } from "../../src/oci/digest.ts";
import { descriptorOf, mediaTypes } from "../../src/oci/document.ts";
import { gatherParts, type Parts } from "../../src/oci/parts.ts";
import {
  type Endpoint,
  type EndpointOptions,
  openEndpoint,
} from "../../src/ship/endpoint/endpoint.ts";
import { openPort } from "../../src/ship/endpoint/port.ts";
import { temporaryDirectory } from "../directory.ts";
import { imageOf } from "../image/image.ts";

export interface LiveOptions extends Pick<EndpointOptions, "limits"> {
  /** Where the blobs are written. */
  readonly directory: string;
  /** More blobs. */
  readonly more?: readonly Uint8Array[];
  /** Bytes of blobs that are all zeros, and take no room on a disk; their digests are none of theirs. */
  readonly zeros?: readonly number[];
}

export interface ServedOptions extends Omit<LiveOptions, "directory"> {
  readonly isServed?: boolean;
}

export interface LiveEndpoint {
  readonly endpoint: Endpoint;
  readonly port: number;
  /** `/v2/transship/…/`. */
  readonly base: string;
  readonly parts: Parts;
  /** The bytes of all blobs but those of zeros. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  readonly more: readonly Digest[];
  readonly zeros: readonly Digest[];
  /** What was told of it. */
  readonly sent: { readonly digest: Digest; readonly bytes: number; readonly upTo: number }[];
  readonly failures: unknown[];
  readonly directory: string;
  file(digest: Digest): string;
  /** Begins to answer. */
  serve(): void;
}

const repository = "transship/000102030405060708090a0b0c0d0e0f";

export async function liveEndpoint(options: LiveOptions): Promise<LiveEndpoint> {
  const { directory, limits, more: contents = [], zeros: sizes = [] } = options;
  const image = await imageOf([
    { architecture: "amd64", layers: [{ shared: "shared" }, { program: "amd64" }] },
    { architecture: "arm64", layers: [{ shared: "shared" }, { program: "arm64" }] },
  ]);
  const file = (digest: Digest) => path.join(directory, hexOf(digest));
  const parts = await gatherParts(image.source, image.root);
  const more = contents.map((bytes) => descriptorOf(mediaTypes.layer, bytes, digestOf(bytes)));
  const blobs = new Map(image.blobs);
  for (const [n, { digest }] of more.entries()) blobs.set(digest, contents[n] ?? Buffer.alloc(0));
  for (const [digest, bytes] of blobs) await writeFile(file(digest), bytes);
  const zeros = sizes.map((size, n) => ({
    mediaType: mediaTypes.layer,
    digest: digestOf(`zeros ${n}`),
    size,
  }));
  for (const { digest, size } of zeros) await writeZeros(file(digest), size);
  const sent: LiveEndpoint["sent"] = [];
  const failures: unknown[] = [];
  const endpoint = await openEndpoint({
    listener: await openPort(),
    onSent: (digest, bytes, upTo) => void sent.push({ digest, bytes, upTo }),
    onFailure: (error) => void failures.push(error),
    ...(limits === undefined ? {} : { limits }),
  });
  const all = { ...parts, blobs: [...more, ...parts.blobs, ...zeros] };
  return {
    endpoint,
    port: endpoint.port,
    base: `/v2/${repository}/`,
    parts: all,
    blobs,
    more: more.map(({ digest }) => digest),
    zeros: zeros.map(({ digest }) => digest),
    sent,
    failures,
    directory,
    file,
    serve: () => endpoint.serve({ repository, parts: all, file }),
  };
}

/** One that is closed when the test has ended. It answers, unless that is not wanted yet. */
export async function servedEndpoint(
  t: TestContext,
  { isServed = true, ...options }: ServedOptions = {},
): Promise<LiveEndpoint> {
  const live = await liveEndpoint({ ...options, directory: await temporaryDirectory(t) });
  t.after(async () => await live.endpoint.close());
  if (isServed) live.serve();
  return live;
}

async function writeZeros(file: string, size: number): Promise<void> {
  const handle = await open(file, "w");
  await handle.truncate(size);
  await handle.close();
}

const descriptors = "/proc/self/fd";

/** Whether a system tells which files this process has open. */
export const tellsOpenFiles = existsSync(descriptors);

/** What this process has open of those names, each as often as it has: `/tmp/…`, `socket:[4711]`. */
export function openFiles(prefix: string): readonly string[] {
  const files = readdirSync(descriptors).flatMap((name) => {
    try {
      return [readlinkSync(path.join(descriptors, name))];
    } catch {
      // That by which the directory was read is closed again.
      return [];
    }
  });
  return files.filter((file) => file.startsWith(prefix));
}
