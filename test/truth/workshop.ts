/** What the truth is told with: the packages' trees, linkers for every machine, emulators, an engine. */
import { arch } from "node:os";
import { distribution, hasCommands, installPackages } from "../../provision/debian.ts";
import { ensureEmulators } from "../../provision/emulator.ts";
import { type Cannot, cannot, createSite, isRoot, type Site } from "../../provision/site.ts";
import { createKit, type Kit } from "./kit.ts";
import type { Architecture } from "./machine.ts";
import { ensureMaterial } from "./material.ts";

export interface Workshop {
  readonly outcome: "ready";
  readonly site: Site;
  readonly material: string;
  /** The engine's socket, a path. */
  readonly socket: string;
  kit(architecture: Architecture): Kit;
}

const linkers = ["as", "ld", "aarch64-linux-gnu-ld", "arm-linux-gnueabihf-ld"] as const;
const linkerPackages = ["binutils", "binutils-aarch64-linux-gnu", "binutils-arm-linux-gnueabihf"];

/** Makes sure of everything, or says in one sentence why it cannot be had here. `cache` is where it is kept. */
export async function openWorkshop(options: {
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
  readonly cache: string;
}): Promise<Workshop | Cannot> {
  if (arch() !== "x64") return cannot("the native cases are those of amd64");
  if (!isRoot() || (await distribution()) !== "debian") {
    return cannot("packages of several machines come from Debian, to root");
  }
  const socket = /^unix:\/\/(.+)$/.exec(process.env["DOCKER_HOST"] ?? "")?.[1];
  if (socket === undefined) return cannot("the engine is spoken to through its socket");
  const site = createSite(options);
  if (!(await hasCommands(site, "go"))) return cannot("there is no Go to build its programs with");
  if (!(await hasCommands(site, ...linkers))) {
    site.report("Installing linkers for arm64 and armhf");
    await installPackages(site, linkerPackages);
  }
  const emulators = await ensureEmulators(site, ["linux/arm64", "linux/arm/v7"]);
  if (emulators.outcome === "cannot") return emulators;
  const material = await ensureMaterial(site);
  return {
    outcome: "ready",
    site,
    material,
    socket,
    kit: (architecture) => createKit(site, material, architecture),
  };
}
