/** What setup checked, each with its own fix. */
import type { Builder } from "../engine/buildx.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { Execution } from "./emulation.ts";
import type { SetupFacts } from "./facts.ts";

export interface SetupCheck {
  /** `engine`, `engine-version`, `buildx`, `builder`, `platform`, `emulator`, `image-store`, `disk`, `node`, `cache`. */
  readonly id: string;
  readonly status: "pass" | "warn" | "fail" | "skip";
  readonly detail: string;
  /** What to do about it; absent where it passes. */
  readonly fix?: string;
}

/** The oldest engine that the tests run on; older ones may work. */
const oldestEngine = 26;
const gibibyte = 1024 ** 3;

/** The checks that need nothing but the facts. */
export function engineChecks({ engine, endpoint, freeDisk }: SetupFacts): readonly SetupCheck[] {
  const { serverVersion, operatingSystem, platform, imageStore, buildxVersion } = engine;
  return [
    {
      id: "engine",
      status: "pass",
      detail: `answers at ${endpoint} (${operatingSystem}, ${formatPlatform(platform)})`,
    },
    versionCheck(serverVersion),
    { id: "buildx", status: "pass", detail: `buildx ${buildxVersion ?? "of unknown version"}` },
    {
      id: "image-store",
      status: "pass",
      detail:
        imageStore === "containerd"
          ? "containerd's: one tag holds all platforms"
          : "classic: one tag holds one platform, so several get a tag each",
    },
    diskCheck(freeDisk),
  ];
}

function versionCheck(version: string): SetupCheck {
  const id = "engine-version";
  const major = Number.parseInt(version, 10);
  if (!Number.isInteger(major) || major >= oldestEngine) {
    return { id, status: "pass", detail: `Docker Engine ${version}` };
  }
  return {
    id,
    status: "warn",
    detail: `Docker Engine ${version} is older than ${oldestEngine}, the oldest that is tested`,
    fix: "Upgrade Docker.",
  };
}

function diskCheck(free: number | undefined): SetupCheck {
  const id = "disk";
  if (free === undefined) {
    return {
      id,
      status: "skip",
      detail: "the engine's disk is not on this machine",
      fix: "See: docker system df",
    };
  }
  const detail = `${(free / gibibyte).toFixed(1)} GiB free`;
  if (free >= 5 * gibibyte) return { id, status: "pass", detail };
  const status = free < gibibyte ? "fail" : "warn";
  return { id, status, detail, fix: "Free some: docker buildx prune; docker image prune" };
}

/** What the builder is, after whatever was done to it. What its further nodes are is said of each. */
export function builderCheck(
  builder: Builder | undefined,
  name: string,
  { isForeign }: { readonly isForeign: boolean },
): SetupCheck {
  const id = "builder";
  if (builder === undefined) {
    return { id, status: "fail", detail: `${name} does not exist`, fix: "transship setup" };
  }
  const { driver, nodes } = builder;
  const version = nodes[0]?.version;
  const own = isForeign ? ", not of Transship's making: used as it is" : "";
  const detail = `${name} (${driver}${version === undefined ? "" : `, BuildKit ${version}`}${own})`;
  if (nodes[0]?.status === "running") return { id, status: "pass", detail };
  const reason = nodes[0]?.error;
  const said = reason === undefined ? "" : `: ${reason}`;
  const fix = isForeign ? foreignFix(builder) : `transship setup --builder ${name} --recreate`;
  return { id, status: "fail", detail: `${detail} does not run${said}`, fix };
}

/** What a builder that is not ours needs, by its driver (docker/buildx, `driver/`). */
function foreignFix({ name, driver, nodes }: Builder): string {
  const look = `docker buildx inspect ${name}`;
  switch (driver) {
    case "remote":
      return `Start BuildKit at ${nodes[0]?.endpoint ?? "its address"}, and see that its certificates are those of the builder: ${look}`;
    case "kubernetes":
      return `See that the cluster answers (kubectl get deployments), then: docker buildx inspect --bootstrap ${name}`;
    case "docker-container":
      return `docker buildx inspect --bootstrap ${name}`;
    default:
      return look;
  }
}

/** Whether the builder really runs a platform's programs: `reason` is why not. */
export function platformCheck(
  platform: Platform,
  reason: string | undefined,
  { isForeign }: { readonly isForeign: boolean },
): SetupCheck {
  const id = "platform";
  const name = formatPlatform(platform);
  if (reason === undefined) return { id, status: "pass", detail: `the builder builds for ${name}` };
  const detail = `the builder cannot run steps for ${name}: ${reason}`;
  const fix = isForeign
    ? `It needs a node of ${name}, or an emulator on its own machine: docker run --privileged --rm tonistiigi/binfmt --install ${platform.architecture}`
    : emulatorFix(platform);
  return { id, status: "fail", detail, fix };
}

/** How the engine runs a platform's programs. `node` builds for it in the engine's place. */
export function emulatorCheck(
  { platform, outcome, emulator, reason }: Execution,
  node: string | undefined,
): SetupCheck {
  const id = "emulator";
  const name = formatPlatform(platform);
  switch (outcome) {
    case "native":
      return { id, status: "pass", detail: `${name} runs natively` };
    case "emulated":
      return {
        id,
        status: "pass",
        detail: `${name} runs emulated by ${emulator ?? "an emulator that cannot be named"}`,
      };
    case "impossible": {
      const detail = `${name} does not run here: ${reason ?? "no reason was given"}`;
      const fix = emulatorFix(platform);
      return node === undefined
        ? { id, status: "fail", detail, fix }
        : { id, status: "warn", detail: `${detail}; it is built on the node ${node}`, fix };
    }
    case "unknown":
      return { id, status: "skip", detail: `${name} could not be tried: ${reason ?? ""}` };
  }
}

function emulatorFix({ architecture }: Platform): string {
  return `docker run --privileged --rm tonistiigi/binfmt --install ${architecture} (or: sudo apt-get install qemu-user-static), then: transship setup`;
}
