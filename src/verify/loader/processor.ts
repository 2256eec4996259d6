/** Whether a program says that it needs more than the processor has, outside glibc's own check. */
import type { Elf } from "../../binary/elf/elf.ts";
import type { Container } from "../container.ts";
import { formatCpuLevel } from "../cpu.ts";
import type { Load, LoadedObject, LoadProblem } from "./load.ts";

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
  const found = load.objects.map((object) => ({ object, level: levelOf(object.elf) }));
  const problems = load.problems.some(({ rule }) => rule === "cpu-level")
    ? []
    : found.flatMap(({ object, level }) =>
        cpu !== undefined && level !== undefined && level > cpu.level
          ? [tooNew(object, `x86-64-v${level}`, formatCpuLevel(cpu))]
          : [],
      );
  return { problems, unproven: unprovenLevels(found, cpu) };
}

/** GOAMD64 where Go wrote one, else the GNU property note. */
function levelOf({ go, x86Level }: Elf): number | undefined {
  const named = /^v([1-4])/.exec(go?.settings["GOAMD64"] ?? "")?.[1];
  return named === undefined ? x86Level : Math.max(Number(named), x86Level ?? 1);
}

function unprovenLevels(
  found: readonly { readonly object: LoadedObject; readonly level: number | undefined }[],
  cpu: Container["cpu"],
): readonly string[] {
  if (cpu === undefined) {
    // The platform alone promises no more than the first level.
    return found
      .filter(({ level }) => level !== undefined && level > 1)
      .map(
        ({ object, level }) =>
          `${object.path} is compiled for x86-64-v${level}: whether the server has that is not known; name its processor: --cpu x86-64-v${level}.`,
      );
  }
  const silent = found.filter(({ level }) => level === undefined).map(({ object }) => object.path);
  if (silent.length === 0) return [];
  const [first = "", ...others] = silent;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return [
    `${first}${more} ${others.length === 0 ? "does" : "do"} not say which processor level ${others.length === 0 ? "it needs" : "they need"}.`,
  ];
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

/** Go's runtime looks before it runs; anything else dies of the first instruction that is not there. */
function sentenceOf({ go }: Elf, wants: string): string {
  if (go === undefined) return "Illegal instruction";
  return wants.startsWith("x86-64-")
    ? `This program can only be run on AMD64 processors with ${wants.slice("x86-64-".length)} microarchitecture support.`
    : "so it cannot run this GOARM=7 binary";
}
