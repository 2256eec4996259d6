/** Images in the engine: arguments and answers of `docker image …`, `docker import`, `docker load`. */
import * as z from "zod";
import { type Digest, isDigest } from "../oci/digest.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { type Docker, dockerError } from "./docker.ts";

/** Arguments that make an image of one layer from a tar archive on standard input; it starts `/probe`. */
export function importArgs(image: string, platform: Platform): readonly string[] {
  const entrypoint = 'ENTRYPOINT ["/probe"]';
  return ["import", "--platform", formatPlatform(platform), "--change", entrypoint, "-", image];
}

/** Arguments that run such an image once, without network, and leave no container. */
export function runProbeArgs(
  image: string,
  platform: Platform,
  runId: string,
  args: readonly string[],
): readonly string[] {
  const limits = ["--rm", "--network", "none", "--label", `dev.transship.run=${runId}`];
  return ["run", ...limits, "--platform", formatPlatform(platform), image, ...args];
}

export function removeImageArgs(...images: readonly string[]): readonly string[] {
  return ["image", "rm", "--force", ...images];
}

/** The emulator that a process's memory map (proc(5), `/proc/pid/maps`) shows; `undefined` where it names none. */
export function emulatorIn(maps: string): string | undefined {
  const path = /\/\S*(?:qemu|rosetta)\S*/i.exec(maps)?.[0];
  if (path === undefined) return undefined;
  return /rosetta/i.test(path) ? "Rosetta" : path.slice(path.lastIndexOf("/") + 1);
}

/** Arguments that describe an image as the engine holds it. */
function inspectImageArgs(image: string): readonly string[] {
  return ["image", "inspect", "--format", "{{json .}}", image];
}

/** The command of requirement 1.2, to the letter: what architecture and system an image is labelled with. */
export function labelArgs(image: string): readonly string[] {
  return ["image", "inspect", "--format={{.Architecture}}/{{.Os}}", image];
}

/** Arguments that write an image as a tar archive of an OCI layout to standard output. */
export function saveImageArgs(image: string): readonly string[] {
  return ["image", "save", image];
}

/** Arguments that read such an archive from standard input. */
export function loadImageArgs(): readonly string[] {
  return ["image", "load", "--quiet"];
}

const inspected = z.object({
  Id: z.string().refine(isDigest),
  Architecture: z.string().default(""),
  Os: z.string().default(""),
  Variant: z.string().default(""),
  Size: z.number().default(0),
  Created: z.string().default(""),
  RootFS: z.object({ Layers: z.array(z.string().refine(isDigest)).nullish() }).prefault({}),
  Config: z
    .object({
      Env: z.array(z.string()).nullish(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});

/** An image as the engine holds it. */
export interface EngineImage {
  /** On the classic image store the config's digest, on containerd's that of the manifest or index. */
  readonly id: Digest;
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  /** Bytes, by the engine's own way of counting. */
  readonly size: number;
  /** RFC 3339. */
  readonly created?: string;
  /** DiffIDs, the lowest first. */
  readonly layers: readonly Digest[];
  /** `8080/tcp`. */
  readonly exposed: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
}

/** The image of that name or ID; `undefined` where the engine has none. @throws the engine's errors */
export async function findImage(image: string, docker: Docker): Promise<EngineImage | undefined> {
  const finished = await docker.attempt(inspectImageArgs(image));
  if (finished.exitCode === 0) return readEngineImage(finished.stdout);
  if (isImageMissing(finished.stderr)) return undefined;
  throw dockerError(finished);
}

/** Whether docker's words say that there is no such image. */
function isImageMissing(stderr: string): boolean {
  return /no such image|no such object|not found: not found|reference does not exist/i.test(stderr);
}

/** Reads the JSON of `docker image inspect` for one image. */
export function readEngineImage(json: string): EngineImage {
  const seen = inspected.parse(JSON.parse(json));
  return {
    id: seen.Id,
    architecture: seen.Architecture,
    os: seen.Os,
    size: seen.Size,
    layers: seen.RootFS.Layers ?? [],
    exposed: Object.keys(seen.Config?.ExposedPorts ?? {}),
    env: seen.Config?.Env ?? [],
    ...(seen.Variant === "" ? {} : { variant: seen.Variant }),
    ...(seen.Created === "" ? {} : { created: seen.Created }),
  };
}

/** The layers of every image that the engine has: DiffIDs, the lowest first. */
export async function imageLayers(docker: Docker): Promise<readonly (readonly Digest[])[]> {
  const { stdout } = await docker.run(["image", "ls", "--quiet", "--no-trunc"]);
  const ids = [...new Set(stdout.split("\n").filter((line) => line !== ""))];
  if (ids.length === 0) return [];
  // One that is removed meanwhile makes the command fail, after it has told of the others.
  const found = await docker.attempt([
    "image",
    "inspect",
    "--format",
    "{{json .RootFS.Layers}}",
    ...ids,
  ]);
  return found.stdout
    .split("\n")
    .filter((line) => line.startsWith("["))
    .map((line) => z.array(z.string().refine(isDigest)).parse(JSON.parse(line)));
}

/** Arguments that list the images of a repository: `name:tag`, one a line. */
export function listNamedImagesArgs(repository: string): readonly string[] {
  return ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository];
}
