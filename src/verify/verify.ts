/** `transship verify`: reads an image and says, without running it, whether it will load and start on its platform. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { type PlatformImage, platformName } from "../image/image.ts";
import { lockSubject } from "../image/subject-lock.ts";
import { type OpenImage, openImage } from "../image/open.ts";
import type { Subject } from "../image/subject.ts";
import type { Digest } from "../oci/digest.ts";
import { formatPlatform, type Platform, samePlatform } from "../platform/platform.ts";
import { storeDirectory } from "../store/directory.ts";
import { copiedPrograms } from "./across.ts";
import type { CpuLevel } from "./cpu.ts";
import type { Explanation } from "./explain.ts";
import { type Finding, type Unproven, type Verdict, verdictOf, worstVerdict } from "./finding.ts";
import { type Expectation } from "./label.ts";
import { originsOf } from "./origin.ts";
import { type PlatformProof, provePlatform } from "./platform.ts";
import { applyWaivers, type WaivedFinding, type Waiver, waiverFindings } from "./waiver.ts";

export type { CpuLevel } from "./cpu.ts";
export type { Verdict } from "./finding.ts";
export type { Waiver } from "./waiver.ts";

export interface VerifyOptions {
  readonly subject: Subject;
  /** The platforms that it must have; absent: those that it has. */
  readonly platforms?: readonly Platform[];
  /** What every platform of it must be labelled with. */
  readonly expected?: Expectation;
  /** The processor that it must start on; absent: what the platform promises. */
  readonly cpu?: CpuLevel;
  readonly waivers?: readonly Waiver[];
  /** A program, by path or by name on PATH, whose start is told step by step. */
  readonly explain?: string;
  /** The store's directory. */
  readonly store?: string;
}

export interface PlatformVerdict {
  /** As the config says it: `linux/amd64`. */
  readonly platform: string;
  /** The manifest's. */
  readonly digest: Digest;
  readonly verdict: Verdict;
  readonly label: { readonly architecture: string; readonly os: string; readonly variant?: string };
  /** The program that the image starts, as the kernel finds it. */
  readonly program?: string;
  readonly findings: readonly Finding[];
  /** What would be findings, and is put up with. */
  readonly waived: readonly WaivedFinding[];
  readonly unproven: readonly Unproven[];
}

export interface VerifyResult {
  readonly subject: string;
  readonly verdict: Verdict;
  readonly image: {
    readonly name: string;
    /** The engine's ID where it is the engine's, else the root's digest. */
    readonly id: Digest;
    /** Bytes: the engine's count, else the compressed layers of all platforms. */
    readonly sizeBytes: number;
    /** RFC 3339. */
    readonly created?: string;
    readonly from: OpenImage["from"];
  };
  readonly platforms: readonly PlatformVerdict[];
  /** About the waivers themselves. */
  readonly findings: readonly Finding[];
  /** Of each platform, where a program was asked for. */
  readonly explanations: readonly Explanation[];
}

/** @throws IMAGE_MISSING, IMAGE_PLATFORM_MISSING, IMAGE_UNREADABLE, PROGRAM_MISSING, the errors of engine, store and registry */
export async function verify(options: VerifyOptions, context: Context): Promise<VerifyResult> {
  const { subject } = options;
  const store = storeDirectory({ flag: options.store, env: context.env });
  // Nothing is pruned away while it is read.
  const lock = await lockSubject(subject, { store, verb: "verify" }, context);
  try {
    const opened = await openImage(subject, { store }, context);
    try {
      return await verifyOpened(opened, { ...options, damagedBlobs: "find" }, context);
    } finally {
      await opened.close();
    }
  } finally {
    await lock.release();
  }
}

export interface OpenedOptions extends Omit<VerifyOptions, "subject" | "store"> {
  /** A layer whose bytes are not those of its digest is a finding, or an error (STORE_BLOB_DAMAGED, ARCHIVE_DAMAGED); default: the error. */
  readonly damagedBlobs?: "find" | "throw";
}

/** Verifies an image that the caller has opened, and closes. @throws what {@link verify} throws, STORE_BLOB_DAMAGED */
export async function verifyOpened(
  opened: OpenImage,
  options: OpenedOptions,
  context: Context,
): Promise<VerifyResult> {
  const today = new Date().toISOString().slice(0, 10);
  const { waivers = [] } = options;
  const chosen = choose(opened, options.platforms);
  const proofs: PlatformProof[] = [];
  for (const one of chosen) proofs.push(await provePlatform(one, opened, options, context));
  const copied = copiedPrograms(
    proofs.map(({ image, programs }) => ({
      platform: platformName(image),
      programs,
      origins: originsOf(image),
    })),
  );
  const used = new Set<Waiver>();
  const platforms = proofs.map((proof, n) => {
    const all = [...proof.findings, ...(copied[n] ?? [])];
    const { findings, waived, used: own } = applyWaivers(all, waivers, today);
    for (const waiver of own) used.add(waiver);
    return platformVerdict(proof, findings, waived);
  });
  const findings = waiverFindings(waivers, used, today);
  const explanations = proofs.flatMap(({ explanation }) => explanation ?? []);
  if (options.explain !== undefined) checkExplained(opened, options.explain, explanations);
  return {
    subject: opened.name,
    verdict: worstVerdict([
      ...platforms.map(({ verdict }) => verdict),
      ...(findings.some(({ severity }) => severity === "error") ? (["refuted"] as const) : []),
    ]),
    image: describe(opened),
    platforms,
    findings,
    explanations: explanations.filter((one) => typeof one !== "string"),
  };
}

/** @throws PROGRAM_MISSING where no platform has it */
function checkExplained(
  { name }: OpenImage,
  path: string,
  explanations: readonly (Explanation | string)[],
): void {
  const problems = explanations.filter((one) => typeof one === "string");
  if (problems.length < explanations.length) return;
  const problem = problems[0] ?? "no platform of it could be looked at";
  throw fail("PROGRAM_MISSING", { image: name, path, problem });
}

export interface Chosen {
  readonly image: PlatformImage;
  /** The platform that it was chosen for. */
  readonly asked?: Platform;
}

/** Those that were asked for; an image of one platform is always looked at, and its label then tells whether it is the one. */
function choose(
  { image, name }: OpenImage,
  asked: readonly Platform[] | undefined,
): readonly Chosen[] {
  if (asked === undefined) return image.platforms.map((one) => ({ image: one }));
  return asked.map((wanted) => {
    const found = image.platforms.find(
      ({ platform }) => platform !== undefined && samePlatform(platform, wanted),
    );
    const [only, another] = image.platforms;
    const one = found ?? (another === undefined ? only : undefined);
    if (one === undefined) {
      const present = image.platforms.map(platformName);
      throw fail("IMAGE_PLATFORM_MISSING", {
        image: name,
        platform: formatPlatform(wanted),
        present,
      });
    }
    return { image: one, asked: wanted };
  });
}

function platformVerdict(
  { image, programs, unproven }: PlatformProof,
  findings: readonly Finding[],
  waived: readonly WaivedFinding[],
): PlatformVerdict {
  const { config, descriptor } = image;
  const program = programs.find(({ isRunning }) => isRunning);
  return {
    platform: platformName(image),
    digest: descriptor.digest,
    verdict: verdictOf(findings, unproven),
    label: {
      architecture: config.architecture,
      os: config.os,
      ...(config.variant === undefined ? {} : { variant: config.variant }),
    },
    ...(program === undefined ? {} : { program: program.path }),
    findings,
    waived,
    unproven,
  };
}

function describe({ name, from, image, engine }: OpenImage): VerifyResult["image"] {
  const created = engine?.created ?? image.platforms[0]?.config.created;
  const layers = image.platforms.flatMap(({ manifest }) => manifest.layers);
  const unique = new Map(layers.map(({ digest, size }) => [digest, size]));
  const compressed = [...unique.values()].reduce((sum, size) => sum + size, 0);
  return {
    name,
    id: engine?.id ?? image.root.digest,
    sizeBytes: engine?.size ?? compressed,
    from,
    ...(created === undefined ? {} : { created }),
  };
}
