/** Which machines run the programs of which platform, without an emulator. */
import { runsNatively } from "../platform/machine.ts";
import type { Platform } from "../platform/platform.ts";

/** Processors for arm run what is for an older variant. */
export function runsOn(programs: Platform, machine: Platform): boolean {
  const isLater = (programs.variant ?? "") > (machine.variant ?? "");
  return runsNatively(programs, machine) && !(programs.architecture === "arm" && isLater);
}

/** Of the 64-bit ARM machines some run 32-bit programs, and BuildKit takes them there. */
export function mayRunOn(programs: Platform, machine: Platform): boolean {
  const isHalf = programs.architecture === "arm" && machine.architecture === "arm64";
  return isHalf || runsOn(programs, machine);
}
