/** Where a benchmark runs: an engine, a builder of the benchmarks' own on it, and a directory to work in. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { baseName, ensureBaseImage, registryAnswers } from "../provision/base-image.ts";
import { createSite, type Site } from "../provision/site.ts";
import { readEngineInfo } from "../src/engine/facts.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));
const main = path.join(root, "dist", "main.js");

/** What `provision/` found or brought up. */
export interface ReadyEngine {
  /** argv in front of a program that is to run where this engine's ports are published. */
  readonly inside: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** BuildKit's image; absent where buildx's default can be had. */
  readonly buildkitImage?: string;
  /** OCI layout of debian:bookworm-slim; absent where it is to be asked for. */
  readonly baseLayout?: string;
  /** Why it cannot run the other platform's programs. */
  readonly withoutEmulator?: string;
}

export interface Setting extends Omit<ReadyEngine, "buildkitImage" | "baseLayout"> {
  readonly site: Site;
  readonly imageStore: "classic" | "containerd";
  readonly engineVersion: string;
  readonly buildxVersion: string;
  readonly buildkitVersion: string;
  /** `linux/amd64`: what the engine runs without an emulator. */
  readonly native: string;
  readonly foreign: string;
  readonly builder: string;
  /** The flags of the `transship setup` that made the builder. */
  readonly setupFlags: readonly string[];
  /** What stands in for the base image where no registry answers; for buildx and for us alike. */
  readonly baseFlags: readonly string[];
  /** Temporary, absolute. */
  readonly directory: string;
  /** Our store in there, so that the user's own is left alone. */
  readonly storeFlags: readonly string[];
  readonly transship: (...args: readonly string[]) => readonly string[];
  /** A command where the engine's ports are published. */
  readonly command: (...argv: readonly string[]) => readonly string[];
  /** Removes the builder, the images and the directory. */
  readonly close: () => Promise<void>;
}

const builder = "transship-bench";
/** Every image that a benchmark makes is called so, and a Dockerfile of `bench/` labels its image with it. */
export const imagePrefix = "transship-bench";
export const imageLabel = "dev.transship.bench";

/** Makes the builder, and the base image where no registry answers. @throws when the engine cannot do that. */
export async function openSetting(site: Site, engine: ReadyEngine): Promise<Setting> {
  const { env, inside } = engine;
  const directory = await mkdtemp(path.join(tmpdir(), "transship-bench-"));
  const command = (...argv: readonly string[]) => [...inside, ...argv];
  const transship = (...args: readonly string[]) => command(process.execPath, main, ...args);
  const close = async () => {
    // An interruption must not keep it from being removed.
    const cleaner = createSite({ ...site, signal: new AbortController().signal });
    await cleaner.attempt(["docker", "buildx", "rm", "--force", builder], { env });
    await removeImages(cleaner, env);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const { buildkitImage } = engine;
    const image = buildkitImage === undefined ? [] : ["--buildkit-image", buildkitImage];
    const setupFlags = ["--builder", builder, ...image];
    const facts = readEngineInfo(await output(site, env, ["info", "--format", "{{json .}}"]));
    const [program = "", ...args] = transship("setup", ...setupFlags);
    await site.run([program, ...args], { env });
    const native = `linux/${facts.platform.architecture}`;
    return {
      ...engine,
      site,
      imageStore: facts.imageStore,
      engineVersion: facts.serverVersion,
      buildxVersion: facts.buildxVersion ?? "unknown",
      buildkitVersion: await buildkitVersion(site, env),
      native,
      foreign: native === "linux/arm64" ? "linux/amd64" : "linux/arm64",
      builder,
      setupFlags,
      baseFlags: await baseFlags(site, engine),
      directory,
      storeFlags: ["--store", path.join(directory, "store")],
      transship,
      command,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs docker, untimed. @throws when it fails */
async function output(
  site: Site,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  return (await site.run(["docker", ...args], { env })).stdout;
}

async function buildkitVersion(site: Site, env: Readonly<Record<string, string>>): Promise<string> {
  const text = await output(site, env, ["buildx", "inspect", builder]);
  return /^BuildKit(?: version)?:\s*(\S+)/m.exec(text)?.[1] ?? "unknown";
}

async function baseFlags(site: Site, { baseLayout, env }: ReadyEngine): Promise<readonly string[]> {
  if (baseLayout === undefined && (await registryAnswers(site, baseName))) return [];
  const platforms = ["linux/amd64", "linux/arm64"];
  const layout = baseLayout ?? (await ensureBaseImage(site, platforms, { name: builder, env }));
  return ["--build-context", `${baseName}=oci-layout://${layout}`];
}

/** By name, and by label those whose name a later build took. */
async function removeImages(site: Site, env: Readonly<Record<string, string>>): Promise<void> {
  for (const filter of [`reference=${imagePrefix}/*`, `label=${imageLabel}`]) {
    const args = ["docker", "image", "ls", "--quiet", "--no-trunc", "--filter", filter] as const;
    const { stdout } = await site.attempt(args, { env });
    const ids = new Set(stdout.split("\n").filter((id) => id !== ""));
    if (ids.size > 0) await site.attempt(["docker", "image", "rm", "--force", ...ids], { env });
  }
}
