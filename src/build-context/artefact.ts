/** What the developer's machine has installed or compiled beside its sources, and which files of it are worth a look. */
import path from "node:path";
import { machineOf } from "../platform/machine.ts";
import type { Platform } from "../platform/platform.ts";
import type { NativeFormat } from "./native.ts";
import { platformInName } from "./platform-name.ts";

export type ArtefactKind = "node" | "python" | "rust" | "ruby";

/** A program or library that does not run on every platform of the build. */
export interface Proof {
  /** In the context. */
  readonly path: string;
  /** `an ELF file for aarch64`. */
  readonly description: string;
  readonly format: NativeFormat;
  /** The platforms that it is wrong for. */
  readonly unfit: readonly Platform[];
}

export interface Artefact {
  readonly kind: ArtefactKind;
  /** Of its directory in the context. */
  readonly path: string;
  /** The names in it that were cross-compiled for a platform of the build, and are perhaps meant to be copied. */
  readonly kept: readonly string[];
  /** Absent where nothing in it is wrong, as far as it was looked through. */
  readonly proof?: Proof;
}

export interface ProvenArtefact extends Artefact {
  readonly proof: Proof;
}

/** What a directory is by its place and by the names in it. */
export function artefactKind(
  directory: string,
  names: ReadonlySet<string>,
): ArtefactKind | undefined {
  const name = path.posix.basename(directory);
  if (name === "node_modules") return "node";
  // Every virtual environment has this file, whatever its name (PEP 405).
  if (names.has("pyvenv.cfg")) return "python";
  if (names.has(".rustc_info.json")) return "rust";
  if (name === "target" && names.has("CACHEDIR.TAG")) return "rust";
  return /(?:^|\/)vendor\/bundle$/.test(directory) ? "ruby" : undefined;
}

const library = /\.(?:node|so|dylib|bundle|pyd|so\.[\d.]+)$/;

/** What a package carries for phones, or needs on a Mac alone, is installed everywhere and started nowhere else. */
const elsewhere = /(?:^|\/)(?:fsevents|jniLibs|android|ios)\//;

/** Whether a file of an artefact is worth opening: by its name a library, or a program where programs lie. */
export function mayBeNative(kind: ArtefactKind, directory: string, name: string): boolean {
  const isOne = name.includes(".") ? library.test(name) : isProgramPlace(kind, directory);
  return isOne && !elsewhere.test(`${directory}/`);
}

function isProgramPlace(kind: ArtefactKind, directory: string): boolean {
  if (kind === "rust" || /(?:^|\/)(?:bin|exe)$/.test(directory)) return true;
  // Some packages for one platform have their program at their top.
  return kind === "node" && platformInName(directory) !== undefined;
}

/** Whether a directory in a Rust target directory is that of a platform: `x86_64-unknown-linux-musl`. */
export function isCrossCompiled(name: string, platforms: readonly Platform[]): boolean {
  if (!name.includes("-linux-")) return false;
  return platforms.some((platform) =>
    name.startsWith(platform.architecture === "arm" ? "arm" : `${machineOf(platform)}-`),
  );
}

/** What an ignore file has to say for it to stay outside. */
export function ignoreLines({
  kind,
  path: directory,
  kept,
}: Omit<Artefact, "proof">): readonly string[] {
  if (kind === "node") return ["**/node_modules"];
  const literal = directory.replaceAll(/[*?[\]\\^]|^[!#]/g, String.raw`\$&`);
  if (kept.length === 0) return [literal];
  return [`${literal}/*`, ...kept.map((name) => `!${literal}/${name}`)];
}
