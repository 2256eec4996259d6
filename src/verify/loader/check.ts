/** What a load comes to: beyond its libraries, the processor and every symbol. */
import type { Elf } from "../../binary/elf/elf.ts";
import type { ElfSymbols } from "../../binary/elf/symbols.ts";
import type { Node } from "../../filesystem/tree.ts";
import type { Container } from "../container.ts";
import type { Running } from "../start/outcome.ts";
import type { Load, LoadProblem } from "./load.ts";
import { checkProcessor } from "./processor.ts";
import { checkSymbols } from "./symbols.ts";

/** The symbols of a file of the tree; `undefined` where they were not kept. */
export type SymbolsOf = (node: Node) => Promise<ElfSymbols | undefined>;

export interface LoadCheck {
  /** What ends the start: the loader ends at the first kind that is wrong. */
  readonly problems: readonly LoadProblem[];
  /** What is looked up only when it is called, and will not be found then. */
  readonly lazy: readonly LoadProblem[];
  readonly unproven: readonly string[];
}

/**
 * What objects say of themselves in two ways, and that they end before their last page does: neither kernel nor loader looks, and
 * what comes of it is not known.
 */
function contradictions(
  objects: readonly { readonly path: string; readonly elf: Elf }[],
): readonly string[] {
  return objects.flatMap(({ path, elf: { contradiction, missingBytes = 0 } }) => [
    ...(missingBytes === 0 ? [] : [`${path} is cut short by ${missingBytes} bytes.`]),
    ...(contradiction === undefined ? [] : [`${path} contradicts itself: ${contradiction}.`]),
  ]);
}

/** Of its loader nobody checks anything before it runs. */
export function loaderDoubts({ interpreter }: Running): readonly string[] {
  return interpreter === undefined ? [] : contradictions([interpreter]);
}

export async function checkLoad(
  load: Load,
  container: Container,
  symbolsOf: SymbolsOf,
): Promise<LoadCheck> {
  const { problems: before } = load;
  const isEnded = before.some(({ rule }) => rule !== "cpu-level");
  const processor = isEnded ? { problems: [], unproven: [] } : checkProcessor(container, load);
  const problems = [...before, ...processor.problems];
  const doubts = [...contradictions(load.objects), ...processor.unproven];
  // What such an object asks for and gives was read from the part of it that may be wrong.
  if (load.objects.some(({ elf }) => elf.contradiction !== undefined))
    return {
      problems: [],
      lazy: [],
      unproven: [...doubts, ...problems.map(({ message }) => message)],
    };
  if (problems.length > 0 || load.loader === "none")
    return { problems, lazy: [], unproven: doubts };
  const known = new Map(
    await Promise.all(
      load.objects.map(async (object) => [object, await symbolsOf(object.node)] as const),
    ),
  );
  const checked = checkSymbols(load, (object) => known.get(object), container.environment);
  return { ...checked, unproven: [...doubts, ...checked.unproven] };
}
