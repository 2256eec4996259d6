/** The main process: alive, by which program, how often restarted, not out of memory; and how many zombies there are. */
import type { ContainerProcess, ContainerState } from "../engine/containers.ts";
import { failed, type Outcome, pass } from "./check.ts";

export function judgeProcesses(
  state: ContainerState,
  processes: readonly ContainerProcess[],
): Outcome {
  const zombies = processes.filter(
    (one) => one.state.startsWith("Z") || one.command.includes("<defunct>"),
  );
  const main = processes.find(({ pid }) => pid === state.pid);
  const facts = [
    `PID 1 is ${main === undefined ? "unknown" : programOf(main.command)}`,
    counted(processes.length, "process", "processes"),
    counted(state.restarts, "restart", "restarts"),
    counted(zombies.length, "zombie", "zombies"),
  ];
  const problems = [
    ...(state.isRunning ? [] : [`it ended with exit code ${state.exitCode}`]),
    ...(state.isOutOfMemory ? ["it ran out of memory"] : []),
    ...(state.restarts > 0 ? ["it was restarted"] : []),
  ];
  const detail = facts.join(", ");
  return problems.length === 0 ? pass(detail) : failed(`${problems.join(", ")}; ${detail}`);
}

/** An emulator stands in front of the program that it runs, and of its arguments once more. */
function programOf(command: string): string {
  const words = command.split(" ");
  const isEmulator = /qemu|rosetta|binfmt/i.test(words[0] ?? "");
  return (isEmulator ? words[1] : words[0]) ?? command;
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
