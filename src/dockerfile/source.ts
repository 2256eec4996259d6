/** What COPY --from and RUN --mount=from= name: a stage, a context or an image. */
import { type Base, imageNamed, unresolved } from "./base.ts";
import type { Instruction } from "./instruction.ts";
import { mountsOf } from "./mount.ts";
import type { Range } from "./range.ts";
import type { Resolution } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { expand } from "./variables.ts";

/** `COPY --from=` or `RUN --mount=from=`. */
export interface Source {
  readonly base: Base;
  readonly instruction: Instruction;
  /** Of the flag. */
  readonly range: Range;
}

/** What an instruction of the stage of that index copies from or mounts. */
export function sourcesOf(
  instruction: Instruction,
  index: number,
  resolution: Resolution,
): readonly Source[] {
  if (instruction.keyword === "COPY") {
    return instruction.flags
      .filter(({ name, value = "" }) => name === "from" && value !== "")
      .map(({ value = "", range }) => {
        const base = copiedFrom(value, range, index, resolution);
        return { base, instruction, range };
      });
  }
  if (instruction.keyword !== "RUN") return [];
  return mountsOf(instruction).flatMap(({ from, range }) => {
    // A number is the name of an image here, and not a stage's index.
    return from === undefined
      ? []
      : [{ base: sourceNamed(from, range, index, resolution), instruction, range }];
  });
}

function copiedFrom(from: string, range: Range, index: number, resolution: Resolution): Base {
  const { text, problem } = expand(from, new Map(), resolution.dockerfile.escape);
  if (problem !== undefined || text !== from) {
    return unresolved("--from takes no variables; name a stage for it");
  }
  if (!/^[+-]?\d+$/.test(from)) return sourceNamed(from, range, index, resolution);
  const stage = resolution.dockerfile.stages[Number(from)];
  return stage === undefined ? unresolved(`there is no stage ${from}`) : stageBefore(stage, index);
}

/** An image that no stage names is pulled for the target platform, whatever the platform of the stage that copies from it. */
function sourceNamed(name: string, range: Range, index: number, resolution: Resolution): Base {
  const { dockerfile, request } = resolution;
  if (name.slice(0, -1).includes("$")) {
    return unresolved("from= takes no variables; name a stage for it");
  }
  const stage = dockerfile.stages.findLast((other) => other.name === name.toLowerCase());
  if (stage !== undefined) return stageBefore(stage, index);
  const platform = request.targetPlatform;
  return imageNamed({ name, range, missing: new Set(), platform }, resolution.findContext);
}

function stageBefore(stage: Stage, index: number): Base {
  if (stage.index < index) return { kind: "stage", index: stage.index };
  const name = stage.name ?? String(stage.index);
  return unresolved(
    stage.index === index
      ? `the stage ${name} copies from itself`
      : `the stage ${name} is defined only after it is copied from`,
  );
}
