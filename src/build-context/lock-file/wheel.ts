/** File names of Python's wheels (packaging.python.org, "Binary distribution format" and "Platform compatibility tags"). */
import { machineOf } from "../../platform/machine.ts";
import type { Platform } from "../../platform/platform.ts";

/** Whether an installer there takes the wheel, whatever Python and C library it has. */
export function wheelServes(file: string, platform: Platform): boolean {
  const machine = machineOf(platform);
  return platformTags(file).some(
    (tag) => tag === "any" || (isLinuxTag(tag) && tag.endsWith(`_${machine}`)),
  );
}

/** Whether it was made for Linux, on whichever machine. */
export function isLinuxWheel(file: string): boolean {
  return platformTags(file).some(isLinuxTag);
}

/** `manylinux_2_17_x86_64`, `manylinux2014_x86_64` of `x-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`. */
function platformTags(file: string): readonly string[] {
  const tags = /-([^-/]+)\.whl$/i.exec(file)?.[1] ?? "";
  return tags.toLowerCase().split(".");
}

function isLinuxTag(tag: string): boolean {
  return /^(?:many|musl)?linux/.test(tag);
}

/** Whether a marker (packaging.python.org, "Dependency specifiers") asks for the machine that it is installed on. */
export function asksForPlatform(marker: string | undefined): boolean {
  return /sys_platform|platform_system|platform_machine|platform_release|platform_version|os_name/.test(
    marker ?? "",
  );
}
