/** Images in the engine: arguments and answers of `docker image …`, `docker import`, `docker load`. */
import { formatPlatform, type Platform } from "../platform/platform.ts";

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
