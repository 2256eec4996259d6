/** Requirement 1.4: `uname -m` inside the container says the platform's machine; and who runs it, the machine or an emulator. */
import type { ContainerProcess } from "../engine/containers.ts";
import { emulatorIn } from "../engine/images.ts";
import { machineOf, machineServes, runsNatively } from "../platform/machine.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { readFiles } from "../probe/files.ts";
import { lastLine } from "../process/last-line.ts";
import { failed, type Outcome, pass, skip } from "./check.ts";
import type { Container } from "./container.ts";

export interface Machine {
  readonly outcome: Outcome;
  readonly isEmulated: boolean;
  /** `qemu-aarch64-static`, `Rosetta`; absent where there is none or it cannot be named. */
  readonly emulator?: string;
}

export async function checkMachine(
  container: Container,
  platform: Platform,
  engine: Platform,
  processes: readonly ContainerProcess[],
): Promise<Machine> {
  const [uname, maps] = await Promise.all([
    container.exec(["uname", "-m"]),
    // The kernel's own view of the probe names its interpreter.
    container.probe(["/proc/thread-self/maps"]),
  ]);
  const [first] = maps === undefined || maps.exitCode !== 0 ? [] : readFiles(maps.output);
  const emulator = first && emulatorIn(Buffer.from(first.bytes).toString("latin1"));
  const isEmulated = emulator !== undefined || !runsNatively(platform, engine);
  const by = emulator === undefined ? {} : { emulator };
  const answer = await machineAnswer(container, uname);
  return {
    isEmulated,
    ...by,
    outcome: judgeMachine(answer, { platform, engine, isEmulated, emulator, processes }),
  };
}

interface Answer {
  readonly machine: string | undefined;
  readonly by: "uname" | "probe";
  readonly reason: string;
}

/** An image without `uname` is asked by the probe. */
async function machineAnswer(
  container: Container,
  uname: { readonly exitCode: number; readonly stdout: string; readonly stderr: string },
): Promise<Answer> {
  if (uname.exitCode === 0) return { machine: uname.stdout.trim(), by: "uname", reason: "" };
  const probed = await container.probe([]);
  if (probed?.exitCode === 0) {
    return { machine: Buffer.from(probed.output).toString().trim(), by: "probe", reason: "" };
  }
  const reason = lastLine(probed?.stderr ?? uname.stderr);
  return { machine: undefined, by: "probe", reason };
}

/** The machine that was told, against the platform's; and the main process against both. */
export function judgeMachine(
  { machine, by, reason }: Answer,
  seen: {
    readonly platform: Platform;
    readonly engine: Platform;
    readonly isEmulated: boolean;
    readonly emulator: string | undefined;
    readonly processes: readonly ContainerProcess[];
  },
): Outcome {
  const { platform, engine, isEmulated, emulator, processes } = seen;
  if (machine === undefined) {
    const why = `the image has no uname, and the probe did not run: ${reason}`;
    return reason === ""
      ? skip("the image has no uname, and there is no probe for its platform")
      : failed(why);
  }
  const expected = machineOf(platform);
  const asked = by === "uname" ? "uname -m" : "the probe's uname";
  const how = isEmulated
    ? `emulated by ${emulator ?? "an emulator that cannot be named"}`
    : "native";
  if (!machineServes(machine, platform)) {
    return failed(
      `${asked} says ${machine}, not ${expected} as on ${formatPlatform(platform)} (${how})`,
    );
  }
  const foreign = processes.find(({ command }) => emulatorIn(command) !== undefined);
  if (!isEmulated && foreign !== undefined) {
    return failed(
      `${asked} says ${machine}, but the image's own program is made for another machine than ${formatPlatform(engine)}: it runs as ${foreign.command}`,
    );
  }
  return pass(`${asked} says ${machine}, ${how}`);
}
