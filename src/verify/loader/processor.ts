/** Whether a program says that it needs more than the processor has, outside glibc's own check. */
import type { Elf } from "../../binary/elf/elf.ts";
import type { Container } from "../container.ts";
import { formatCpuLevel } from "../cpu.ts";
import { isLoaderObject, type Load, type LoadedObject, type LoadProblem } from "./load.ts";

/** What the objects of a program want of the processor. */
export interface ProcessorCheck {
  readonly problems: readonly LoadProblem[];
  readonly unproven: readonly string[];
}

/** `Tag_CPU_arch` of ARM v7 (Addenda to the ABI for the Arm Architecture, "build attributes"). */
const armV7 = 10;

export function checkProcessor(container: Container, load: Load): ProcessorCheck {
  const { platform, cpu } = container;
  if (platform.architecture === "arm") return checkArm(load, platform.variant);
  if (platform.architecture !== "amd64") return { problems: [], unproven: [] };
  const told = new Set(load.problems.map(({ at }) => at));
  // The loader chooses its own functions by the processor that it finds.
  const checks = load.objects
    .filter((object) => !told.has(object) && !isLoaderObject(object))
    .map((object) => checkX86(object, cpu));
  const silent = checks.flatMap(({ isSilent, object }) => (isSilent ? [object.path] : []));
  return {
    problems: checks.flatMap(({ problem }) => problem ?? []),
    unproven: [...checks.flatMap(({ doubt }) => doubt ?? []), ...silentLevels(silent)],
  };
}

interface X86Check {
  readonly object: LoadedObject;
  readonly problem?: LoadProblem;
  readonly doubt?: string;
  /** It says nothing of the level that it needs. */
  readonly isSilent: boolean;
}

/** Go's runtime looks at GOAMD64 before it runs; at the GNU property note glibc alone does, which has been asked. */
function checkX86(object: LoadedObject, cpu: Container["cpu"]): X86Check {
  const { go, x86Level } = object.elf;
  const goLevel = Number(/^v([1-4])/.exec(go?.settings["GOAMD64"] ?? "")?.[1] ?? 0);
  const level = Math.max(goLevel, x86Level ?? 0);
  if (cpu === undefined) {
    // The platform alone promises no more than the first level.
    if (level <= 1) return { object, isSilent: false };
    const doubt = `${object.path} is compiled for ${formatCpuLevel(level)}: whether the server has that is not known; name its processor: --cpu ${formatCpuLevel(level)}.`;
    return { object, isSilent: false, doubt };
  }
  if (level === 0) return { object, isSilent: true };
  if (goLevel > cpu.level) {
    const problem = tooNew(object, formatCpuLevel(goLevel), formatCpuLevel(cpu));
    return { object, isSilent: false, problem };
  }
  if (level <= cpu.level) return { object, isSilent: false };
  const doubt = `${object.path} is marked as compiled for ${formatCpuLevel(level)}, and nothing looks at that before it runs.`;
  return { object, isSilent: false, doubt };
}

function silentLevels(paths: readonly string[]): readonly string[] {
  const [first, ...others] = paths;
  if (first === undefined) return [];
  return others.length === 0
    ? [`${first} does not say which processor level it needs.`]
    : [`${first} and ${others.length} more do not say which processor level they need.`];
}

function checkArm(load: Load, variant: string | undefined): ProcessorCheck {
  if (variant !== "v6" && variant !== "v5") return { problems: [], unproven: [] };
  const problems = load.objects.flatMap((object) => {
    const { arm, go } = object.elf;
    const isNewer =
      (arm?.architecture ?? 0) >= armV7 || (go?.settings["GOARM"]?.startsWith("7") ?? false);
    return isNewer ? [tooNew(object, "ARM v7", `ARM ${variant}`)] : [];
  });
  return { problems, unproven: [] };
}

function tooNew(object: LoadedObject, wants: string, has: string): LoadProblem {
  return {
    rule: "cpu-level",
    by: object,
    wants,
    at: object,
    message: `${object.path} is compiled for ${wants}; the processor has ${has}.`,
    sentence: sentenceOf(object.elf, wants),
  };
}

/** Go's runtime for x86-64 looks before it runs; anything else dies of the first instruction that is not there. */
function sentenceOf({ go }: Elf, wants: string): string {
  return go !== undefined && wants.startsWith("x86-64-")
    ? `This program can only be run on AMD64 processors with ${wants.slice("x86-64-".length)} microarchitecture support.`
    : "Illegal instruction";
}
