/** Whether a platform's programs run here, and by what: found out by running one, never by a list. */
import type { Context } from "../context.ts";
import { emulatorIn, importArgs, runProbeArgs, removeImageArgs } from "../engine/images.ts";
import { tarball, tarFile } from "../filesystem/tarball.ts";
import { runsNatively } from "../platform/machine.ts";
import { type Platform, platformSuffix } from "../platform/platform.ts";
import { probeProgram } from "../probe/program.ts";
import { lastLine } from "../process/last-line.ts";

export interface Execution {
  readonly platform: Platform;
  readonly outcome: "native" | "emulated" | "impossible" | "unknown";
  /** `qemu-aarch64-static`, `Rosetta`; absent where none is needed or none can be named. */
  readonly emulator?: string;
  /** Why it is impossible or unknown: the tool's own last words. */
  readonly reason?: string;
}

const probeDeadlineMs = 30_000;

/** Runs the probe of that platform as a container of the engine. Leaves nothing there. */
export async function probeEngine(
  platform: Platform,
  engine: Platform,
  context: Context,
): Promise<Execution> {
  if (runsNatively(platform, engine)) return { platform, outcome: "native" };
  const program = probeProgram(platform);
  if (program === undefined) {
    return { platform, outcome: "unknown", reason: "there is no probe for it" };
  }
  const { docker, runId } = context;
  const image = `transship/probe:${runId}-${platformSuffix(platform)}`;
  try {
    await docker.run(importArgs(image, platform), {
      input: tarball([tarFile("probe", program, 0o755)]),
      deadlineMs: probeDeadlineMs,
    });
    // The kernel's own view of a process names its interpreter; qemu feigns /proc/self/maps, but not this one.
    const ran = await docker.attempt(
      runProbeArgs(image, platform, runId, ["/proc/thread-self/maps"]),
      { deadlineMs: probeDeadlineMs },
    );
    if (ran.exitCode !== 0) {
      return { platform, outcome: "impossible", reason: lastLine(ran.stderr) };
    }
    const emulator = emulatorIn(ran.stdout);
    return { platform, outcome: "emulated", ...(emulator === undefined ? {} : { emulator }) };
  } finally {
    // Also after an interrupt: the signal that ended the rest must not end this.
    await docker
      .attempt(removeImageArgs(image), { signal: AbortSignal.timeout(probeDeadlineMs) })
      .catch(() => {});
  }
}
