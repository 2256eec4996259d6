/** Commands that make programs for a machine: which one they are told, and where what they make lies. */
import type { Range } from "../../dockerfile/range.ts";
import type { Architecture } from "../../platform/platform.ts";
import { hole } from "../../shell/value.ts";
import { architecturesIn } from "../architecture.ts";
import type { Program } from "../program.ts";
import { cFamily } from "./c.ts";
import { go } from "./go.ts";
import { packageManagers } from "./package-manager.ts";
import { runtimes } from "./runtime.ts";
import { rust } from "./rust.ts";

/** What a compiler is told of the machine to compile for, in whoever's words. */
export interface Told {
  readonly text: string;
  readonly range: Range;
  /** The command that asked the machine for it. */
  readonly asked?: string | undefined;
}

export interface Compiling {
  /** What compiles, as people call it. */
  readonly tool: string;
  /** Undefined where it is told nothing. */
  readonly told: Told | undefined;
  /** Whether it then compiles for the machine that it runs on. */
  readonly isNativeElse: boolean;
  /** What to write, so that it compiles for the target. */
  readonly remedy: string;
  /** The words of its command line that say where its output goes, as far as they are known; relative ones to its directory. */
  readonly outputs: readonly string[];
}

export type CompilerReader = (program: Program) => Compiling | undefined;

export interface Compile extends Compiling {
  readonly program: Program;
  /** `native`: it is told nothing, and compiles for the machine that it runs on; undefined where nobody can tell. */
  readonly architecture: Architecture | "native" | undefined;
}

const readers: readonly CompilerReader[] = [go, rust, cFamily, runtimes, packageManagers];

export function compilesAmong(programs: readonly Program[]): readonly Compile[] {
  return programs.flatMap((program) => {
    for (const read of readers) {
      const compiling = read(program);
      if (compiling !== undefined) {
        return [{ ...compiling, program, architecture: architectureOf(compiling) }];
      }
    }
    return [];
  });
}

function architectureOf({ told, isNativeElse }: Compiling): Compile["architecture"] {
  if (told === undefined) return isNativeElse ? "native" : undefined;
  if (told.text.includes(hole)) return undefined;
  const [first, ...more] = architecturesIn(told.text);
  const isOne = more.every(({ architecture }) => architecture === first?.architecture);
  return isOne ? first?.architecture : undefined;
}
