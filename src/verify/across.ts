/** One index, several platforms: the same program in two of them is a build that was copied. */
import type { Finding } from "./finding.ts";
import { type Origin, originOf } from "./origin.ts";
import type { StartedProgram } from "./prove.ts";
import { copiedProgram } from "./rules/copied-program.ts";

export interface PlatformPrograms {
  /** `linux/amd64`. */
  readonly platform: string;
  readonly programs: readonly StartedProgram[];
  readonly origins: readonly Origin[];
}

/** The findings of each platform, in their order. */
export function copiedPrograms(
  platforms: readonly PlatformPrograms[],
): readonly (readonly Finding[])[] {
  return platforms.map(({ platform, programs, origins }) =>
    programs.flatMap((program) => {
      const twin = platforms.find(
        (other) =>
          other.platform !== platform &&
          other.programs.some(
            ({ identity }) => identity !== undefined && identity === program.identity,
          ),
      );
      if (twin === undefined) return [];
      return [
        {
          rule: copiedProgram.id,
          // The wrong one is refuted by its machine; here it is told why.
          severity: "warning" as const,
          message: `${program.path} of ${platform} is the very program that ${twin.platform} has.`,
          path: program.path,
          ...originOf(origins, program.node),
          evidence: `build ID or contents: ${program.identity}`,
          fix: copiedProgram.fix,
        },
      ];
    }),
  );
}
