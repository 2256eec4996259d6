/** The start of one program, step by step, as runtime, kernel and loader would walk it. */
import { elfName } from "../binary/elf/header.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { Container } from "./container.ts";
import { formatCpuLevel } from "./cpu.ts";
import { checkLoad, loaderDoubts, type SymbolsOf } from "./loader/check.ts";
import { createLoader } from "./loader/loader.ts";
import { execute } from "./start/execute.ts";
import type { Running } from "./start/outcome.ts";
import { searchProgram } from "./start/search.ts";

export interface Explanation {
  readonly platform: string;
  readonly program: string;
  /** One line a step. */
  readonly steps: readonly string[];
}

/** The walk; where the program is not there, the sentence that says so. */
export async function explain(
  container: Container,
  name: string,
  symbolsOf: SymbolsOf,
): Promise<Explanation | string> {
  const found = searchProgram(container, name);
  if (found.outcome !== "found") return found.sentence;
  const { located } = found;
  const first = name === located.path ? `${name} is started` : `${name} leads to ${located.path}`;
  const executed = execute(container, located, [found.name]);
  const steps =
    executed.outcome === "undecided"
      ? [executed.why]
      : executed.outcome === "refused"
        ? [`The kernel: ${executed.message}`, `→ ${executed.errno}`]
        : await loadSteps(container, executed, symbolsOf);
  const platform = formatPlatform(container.platform);
  return { platform, program: located.path, steps: [first, ...steps] };
}

async function loadSteps(
  container: Container,
  running: Running,
  symbolsOf: SymbolsOf,
): Promise<readonly string[]> {
  const walk: string[] = [];
  const load = createLoader(container).load(running, (line) => walk.push(line));
  const { problems, lazy, unproven } = await checkLoad(load, container, symbolsOf);
  const doubts = [running.unproven, loaderDoubts(running), load.unproven, unproven].flat();
  const order = load.objects.map(({ path }) => path).join(", ");
  return [
    ...runningSteps(running),
    ...walk,
    ...(load.loader === "none" ? [] : [`Symbols are looked for in this order: ${order}`]),
    ...problems.flatMap(({ message, sentence }) => [message, `→ ${sentence}`]),
    ...lazy.map(({ message, sentence }) => `${message} When it is called: ${sentence}`),
    ...doubts,
    ...(problems.length > 0
      ? []
      : [doubts.length > 0 ? "Whether it loads is not decided." : "It loads."]),
  ];
}

function runningSteps({ scripts, located, elf, interpreter }: Running): readonly string[] {
  const kind = `${elf.bits}-bit ${elfName(elf)}`;
  const level = elf.x86Level === undefined ? "" : `, ${formatCpuLevel(elf.x86Level)}`;
  return [
    ...scripts.map(({ path }) => `${path} is a script: the kernel starts its interpreter`),
    `${located.path} is an ELF program, ${kind}${level}`,
    interpreter === undefined
      ? "It is linked statically: the kernel starts it without a loader"
      : `The kernel starts its loader ${elf.interpreter} (${interpreter.path})`,
  ];
}
