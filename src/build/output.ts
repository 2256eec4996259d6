/** One run of buildx: its image in the store, whichever way the builder can put it there. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Context } from "../context.ts";
import {
  type BuildCommand,
  buildArgs,
  type BuildMetadata,
  readBuildMetadata,
} from "../engine/build.ts";
import { dockerArgv } from "../engine/docker.ts";
import { fail } from "../errors.ts";
import { platformName } from "../image/image.ts";
import { openImage } from "../image/open.ts";
import { digestFromHex } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { parseReference } from "../oci/reference.ts";
import { startGuard } from "../process/guard.ts";
import { inTemporaryDirectory } from "../process/temporary.ts";
import { pauseFor } from "../process/wait.ts";
import type { Store } from "../store/store.ts";
import { buildFailure } from "./failure.ts";

/** Hours, not minutes: an emulated compiler is slow, and whoever waits can interrupt. */
const buildDeadlineMs = 24 * 60 * 60_000;
const mostTries = 8;
const guardDeadlineMs = 5_000;

/**
 * Runs the build and returns what it wrote. buildx ends a build that is interrupted by SIGINT in order.
 * @throws the errors of {@link buildFailure}, INTERRUPTED, TERMINATED
 */
export async function runBuild(
  command: Omit<BuildCommand, "metadataFile">,
  platform: string,
  context: Context,
): Promise<BuildMetadata> {
  return await inTemporaryDirectory("build", async (directory) => {
    const metadataFile = path.join(directory, "metadata.json");
    const args = buildArgs({ ...command, metadataFile });
    context.report({ kind: "command", argv: dockerArgv(args) });
    await guarded(directory, async () => await carryOutBuild(args, command, platform, context));
    return readBuildMetadata(await readFile(metadataFile, "utf8"));
  });
}

/** Where we are killed, a buildx that nobody waits for is ended too: its steps would run on in the builder. */
async function guarded(directory: string, work: () => Promise<void>): Promise<void> {
  const guard = startGuard([
    // The directory stands in its command line, and in no other.
    { command: ["pkill", "-INT", "-f", directory] },
    { command: ["rm", "-rf", directory] },
  ]);
  try {
    await work();
  } finally {
    guard.expect([]);
    await guard.release("once", guardDeadlineMs);
  }
}

async function carryOutBuild(
  args: readonly string[],
  { dockerfile, builder }: Pick<BuildCommand, "dockerfile" | "builder">,
  platform: string,
  { docker, report, signal }: Context,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const finished = await docker.attempt(args, {
      deadlineMs: buildDeadlineMs,
      cancelWith: "SIGINT",
      onErrorLine: (line) => report({ kind: "output", line }),
    });
    if (finished.exitCode === 0) return;
    if (attempt === mostTries || !isCollision(finished.stderr)) {
      throw buildFailure({ finished, dockerfile, builder, platform });
    }
    report({ kind: "detail", text: "Another build was writing the store; building again." });
    await pauseFor(50 * attempt * (1 + Math.random()), signal);
  }
}

/**
 * Whether another build wrote into the layout at the same moment: BuildKit's client takes the lock of index.json without
 * waiting (moby/buildkit, `client/ociindex`), and two that write one blob share its temporary directory (containerd,
 * `plugins/content/local`).
 */
function isCollision(stderr: string): boolean {
  return (
    /could not lock|resource temporarily unavailable/.test(stderr) ||
    /[/\\]ingest[/\\][0-9a-f]{64}.*no such file|ref \S+ locked/.test(stderr)
  );
}

/** The image of an engine without exporter: from the engine into the store, its layers compressed once. */
export async function storeFromEngine(
  tag: string,
  { store, name }: { readonly store: Store; readonly name: string },
  context: Context,
): Promise<Descriptor> {
  const started = performance.now();
  const subject = {
    transport: "docker-daemon",
    reference: parseReference(tag),
    elsewhere: false,
  } as const;
  const opened = await openImage(subject, { store: store.directory }, context);
  try {
    const [platform] = opened.image.platforms;
    if (platform === undefined) {
      throw fail("IMAGE_UNREADABLE", { image: tag, problem: "it has no platform" });
    }
    if (opened.from === "store") return opened.image.root;
    const layers: Descriptor[] = [];
    for (const layer of platform.manifest.layers) {
      layers.push(await compressInto(store, async () => await opened.source.open(layer)));
    }
    const { config } = platform.manifest;
    const configBytes = await opened.source.read(config);
    const document = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: await store.write(mediaTypes.config, configBytes),
      layers,
    };
    const root = await store.write(mediaTypes.manifest, Buffer.from(JSON.stringify(document)));
    await store.name(name, root);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const text = `The engine's own BuildKit has no exporter for the store: ${platformName(platform)} was read back from the engine and compressed, which took ${seconds} s. transship setup makes a builder that saves this.`;
    context.report({ kind: "note", text });
    return root;
  } finally {
    await opened.close();
  }
}

async function compressInto(
  store: Store,
  open: () => Promise<NodeJS.ReadableStream>,
): Promise<Descriptor> {
  return await inTemporaryDirectory("layer", async (directory) => {
    const file = path.join(directory, "layer.tar.gz");
    const hash = createHash("sha256");
    const meter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        hash.update(chunk);
        done(undefined, chunk);
      },
    });
    await pipeline(await open(), createGzip({ level: 6 }), meter, createWriteStream(file));
    const digest = digestFromHex(hash.digest("hex"));
    const { size } = await stat(file);
    await store.writeBlob({ digest, size }, createReadStream(file));
    return { mediaType: mediaTypes.layerGzip, digest, size };
  });
}
