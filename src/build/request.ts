/** What a build is asked for, with every default filled in. */
import type { BuildCommand } from "../engine/build.ts";
import { fail } from "../errors.ts";
import { familiarName, parseReference, type Reference, withTag } from "../oci/reference.ts";
import { parsePlatform, type Platform, platformSuffix } from "../platform/platform.ts";
import type { CpuLevel, Waiver } from "../verify/verify.ts";

export interface BuildOptions extends Partial<
  Pick<
    BuildCommand,
    | "noCache"
    | "buildArgs"
    | "secrets"
    | "ssh"
    | "target"
    | "buildContexts"
    | "cacheFrom"
    | "cacheTo"
    | "passthrough"
  >
> {
  /** Default `rustci`; may carry a tag. */
  readonly image?: string;
  /** Default `local-<arch>`, for several platforms `local`. */
  readonly tag?: string;
  /** Default linux/amd64. */
  readonly platforms?: readonly Platform[];
  /** Default: `Dockerfile` in the context. */
  readonly dockerfile?: string;
  /** Default `.`. */
  readonly context?: string;
  readonly push?: boolean;
  /** In front of the image's name at the push: `registry.example.org/team`; behind `http://` for one without TLS. */
  readonly registry?: string;
  /** Default true. */
  readonly load?: boolean;
  /** Load what was refuted all the same. */
  readonly loadAnyway?: boolean;
  /** The processor that it must start on. */
  readonly cpu?: CpuLevel;
  /** Findings that are put up with. */
  readonly waivers?: readonly Waiver[];
  /** Default multiarch-builder. */
  readonly builder?: string;
  /** The store's directory. */
  readonly store?: string;
  /** What is reported while it builds: the steps (the default), or buildx's own JSON line by line. */
  readonly progress?: "steps" | "rawjson";
  /** Name for each emulated step the way out; with `dryRun` without building. */
  readonly explainEmulation?: boolean;
  /** Default true; false makes an emulated step an error before it starts. */
  readonly emulation?: boolean;
  readonly dryRun?: boolean;
}

export interface BuildRequest {
  /** The image's local name, with its tag. */
  readonly reference: Reference;
  readonly platforms: readonly Platform[];
  readonly dockerfile: string;
  readonly context: string;
  readonly load: boolean;
  /** The name at the registry; absent where nothing is pushed. */
  readonly pushTo?: Reference;
  /** That registry was written `http://…`. */
  readonly plainHttp?: boolean;
}

const defaults = { image: "rustci", platform: "linux/amd64", context: "." };

/** @throws REFERENCE_INVALID, USAGE, PUSH_TARGET_MISSING */
export function buildRequest(options: BuildOptions): BuildRequest {
  const platforms = unique(options.platforms ?? [parsePlatform(defaults.platform)]);
  const [first] = platforms;
  if (first === undefined) throw usage("--platform names no platform.");
  if (options.passthrough?.some((word) => /^--progress(?:=|$)/.test(word))) {
    throw usage("--progress is a flag of transship itself; write it before the --.");
  }
  const named = parseReference(options.image ?? defaults.image);
  if (named.digest !== undefined) throw usage("--image is a name to give, and carries no digest.");
  if (named.tag !== undefined && options.tag !== undefined && named.tag !== options.tag) {
    throw usage(`--image names the tag ${named.tag}, --tag the tag ${options.tag}.`);
  }
  const usual = platforms.length === 1 ? `local-${platformSuffix(first)}` : "local";
  const reference = withTag(named, options.tag ?? named.tag ?? usual);
  const context = options.context ?? defaults.context;
  const dockerfile = options.dockerfile ?? `${context.replace(/(?<=.)\/+$/, "")}/Dockerfile`;
  return {
    reference,
    platforms,
    dockerfile: options.dockerfile ?? dockerfile.replace(/^\.\//, ""),
    context,
    load: options.load ?? true,
    ...(options.push === true ? { pushTo: pushTarget(reference, options.registry) } : {}),
    ...(options.registry?.startsWith("http://") === true ? { plainHttp: true } : {}),
  };
}

/** The name in the registry's own terms: `registry.example.org/team` + `rustci:1`. */
function pushTarget(reference: Reference, registry: string | undefined): Reference {
  if (registry === undefined) {
    // Docker Hub's own namespace is nobody's to push to: the name was meant for this machine.
    const isOwn = reference.registry === "docker.io" && reference.repository.startsWith("library/");
    if (isOwn) throw fail("PUSH_TARGET_MISSING", { image: familiarName(reference) });
    return reference;
  }
  const prefix = registry.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  return parseReference(`${prefix}/${familiarName(reference)}`);
}

function unique(platforms: readonly Platform[]): readonly Platform[] {
  const byName = new Map(platforms.map((platform) => [JSON.stringify(platform), platform]));
  return [...byName.values()];
}

/** The tag that a platform of an image gets where a tag holds one platform only. */
export function platformTag(
  reference: Reference,
  platform: Platform,
  platforms: number,
): Reference {
  if (platforms === 1) return reference;
  return withTag(reference, `${reference.tag ?? "latest"}-${platformSuffix(platform)}`);
}

function usage(problem: string) {
  return fail("USAGE", { problem, command: "transship build" });
}
