/**
 * Steps that will never end. A program that crashes under qemu is ended by a signal that qemu sends to itself, and the first program of
 * a container, which a shell makes of its only command, ignores that signal (Linux, pid_namespaces(7)): qemu then waits for ever.
 */
import type { Report } from "../../process/report.ts";
import type { Steps } from "./steps.ts";

/** A shell that goes on after a crash has said something more by then, or what it says next ends the doubt. */
const quietMs = 10_000;
const lookMs = 2_500;

/** Looks until it is told to stop, and warns once of each such step. */
export function watchStalls(steps: Steps, report: Report): () => void {
  const look = createStallLook(steps);
  const timer = setInterval(() => {
    for (const text of look(Date.now())) report({ kind: "warning", text });
  }, lookMs);
  return () => clearInterval(timer);
}

/** @returns what is to be said at that moment, in milliseconds since the epoch */
export function createStallLook(
  steps: Pick<Steps, "all" | "tailOf">,
): (now: number) => readonly string[] {
  /** By digest: since when a step's last words are qemu's; it is told of once. */
  const crashed = new Map<string, number>();
  const told = new Set<string>();
  return (now) =>
    steps.all.flatMap((step) => {
      const isCrashed =
        step.state === "running" &&
        (steps.tailOf(step).at(-1) ?? "").startsWith("qemu: uncaught target signal");
      if (!isCrashed) crashed.delete(step.digest);
      if (!isCrashed || told.has(step.digest)) return [];
      const since = crashed.get(step.digest) ?? now;
      crashed.set(step.digest, since);
      if (now - since < quietMs) return [];
      told.add(step.digest);
      return [stallText(step.name)];
    });
}

function stallText(name: string): string {
  return `${name} crashed under the emulator ${quietMs / 1000} s ago and has said nothing since; it may never end, because the first program of a container ignores the signal that should end it. Interrupt the build (Ctrl-C), and let that step run natively: FROM --platform=$BUILDPLATFORM.`;
}
