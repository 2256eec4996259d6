/** The start of one program, step by step, as runtime, kernel and loader would walk it. */
import { elfName } from "../binary/elf/header.ts";
import { formatPlatform } from "../platform/platform.ts";
import type { Container } from "./container.ts";
import { createLoader } from "./loader/loader.ts";
import { execute, type Running } from "./start/execute.ts";
import { searchProgram } from "./start/search.ts";

export interface Explanation {
  readonly platform: string;
  readonly program: string;
  /** One line a step. */
  readonly steps: readonly string[];
}

/** `undefined` where the program is not there. */
export function explain(container: Container, name: string): Explanation | string {
  const found = searchProgram(container, name);
  if (found.outcome !== "found") return found.sentence;
  const { located } = found;
  const steps = [name === located.path ? `${name} is started` : `${name} leads to ${located.path}`];
  const executed = execute(container, located, [found.name]);
  if (executed.outcome === "refused") {
    steps.push(`The kernel: ${executed.message}`, `→ ${executed.errno}`);
  } else {
    steps.push(...runningSteps(executed));
    const { loader, objects, problems, unproven } = createLoader(container).load(executed, (line) =>
      steps.push(line),
    );
    if (loader !== "none") {
      steps.push(
        `Symbols are looked for in this order: ${objects.map(({ path }) => path).join(", ")}`,
      );
    }
    steps.push(
      ...problems.flatMap(({ message, sentence }) => [message, `→ ${sentence}`]),
      ...unproven,
    );
    if (problems.length === 0) steps.push("It loads.");
  }
  return { platform: formatPlatform(container.platform), program: located.path, steps };
}

function runningSteps({ scripts, located, elf, interpreter }: Running): readonly string[] {
  const kind = `${elf.bits}-bit ${elfName(elf)}`;
  const level = elf.x86Level === undefined ? "" : `, x86-64-v${elf.x86Level}`;
  return [
    ...scripts.map(({ path }) => `${path} is a script: the kernel starts its interpreter`),
    `${located.path} is an ELF program, ${kind}${level}`,
    interpreter === undefined
      ? "It is linked statically: the kernel starts it without a loader"
      : `The kernel starts its loader ${elf.interpreter} (${interpreter.path})`,
  ];
}
