/** What build and verify are asked of a proof, by the same flags. */
import { switchFlag, textFlag } from "./flags.ts";

export interface ProofFlags {
  readonly cpu?: string;
  readonly waivers?: string;
  readonly strict: boolean;
}

export const proofFlags = {
  cpu: textFlag("The processor that it must start on: x86-64-v1 to x86-64-v4", "LEVEL"),
  waivers: textFlag("The file with the waivers; default the project's compose.yaml", "FILE"),
  strict: switchFlag("Exit with 3 when something could not be decided"),
} as const;

/** What the flags of that command say. @throws USAGE, WAIVERS_INVALID */
export async function proofOptions(
  command: string,
  { cpu, waivers }: { readonly [flag in "cpu" | "waivers"]?: string | undefined },
) {
  const [{ parseCpuLevel }, { readWaivers }] = await Promise.all([
    import("../verify/cpu.ts"),
    import("../config/waivers.ts"),
  ]);
  return {
    ...(cpu === undefined ? {} : { cpu: parseCpuLevel(cpu, command) }),
    waivers: await readWaivers(waivers),
  };
}
