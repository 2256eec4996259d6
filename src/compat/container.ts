/** The container under test: started, looked into, and removed whatever becomes of us. */
import { buffer } from "node:stream/consumers";
import type { Context } from "../context.ts";
import {
  copyInArgs,
  execArgs,
  listRunArgs,
  removeContainerArgs,
  runArgs,
  type RunContainer,
} from "../engine/containers.ts";
import { dockerArgv, dockerError } from "../engine/docker.ts";
import { fail } from "../errors.ts";
import { tarball, tarFile } from "../filesystem/tarball.ts";
import { formatPlatform } from "../platform/platform.ts";
import { type Guard, startGuard } from "../process/guard.ts";
import type { Finished } from "../process/run.ts";
import { probeProgram } from "../probe/program.ts";

/** Where the probe is laid in the container's root. */
const probeName = "transship-probe";
const startDeadlineMs = 120_000;
const execDeadlineMs = 30_000;
const cleanupDeadlineMs = 30_000;

export interface Container {
  readonly name: string;
  /** Runs a command in it, whatever its exit code. */
  exec(command: readonly string[], input?: Uint8Array): Promise<Finished>;
  /** Runs the probe in it; `undefined` where there is none for its platform. It is laid in with the first call. */
  probe(args: readonly string[], input?: Uint8Array): Promise<Probed | undefined>;
}

/** What the probe answered. */
interface Probed {
  readonly exitCode: number;
  readonly output: Uint8Array;
  readonly stderr: string;
}

/** What a container that was not started says: the engine's or the runtime's sentence. */
export interface NotStarted {
  readonly reason: string;
}

/**
 * Starts the container, has `work` done with it, and removes it: also after an interrupt, and (by a process of its own)
 * after we were killed. With `keep` it stays.
 * @throws PORT_TAKEN, CONTAINER_NAME_TAKEN, IMAGE_PLATFORM_MISSING, the engine's errors, what `work` throws
 */
export async function withContainer<T>(
  wanted: RunContainer,
  { keep, context }: { readonly keep: boolean; readonly context: Context },
  work: (container: Container | NotStarted) => Promise<T>,
): Promise<T> {
  const guard = startGuard([
    { command: dockerArgv(removeContainerArgs()), list: dockerArgv(listRunArgs(wanted.runId)) },
  ]);
  let isRefused = true;
  try {
    const started = await start(wanted, context);
    isRefused = false;
    return await work(started);
  } finally {
    await end(guard, wanted, keep && !isRefused, context);
  }
}

async function end(
  guard: Guard,
  { name, runId }: RunContainer,
  keep: boolean,
  { report, signal }: Context,
): Promise<void> {
  const removal = dockerArgv(removeContainerArgs(name));
  if (keep) {
    guard.expect([]);
    report({
      kind: "note",
      text: `The container ${name} is kept; remove it with: ${removal.join(" ")}`,
    });
  } else {
    report({ kind: "command", argv: removal });
  }
  // A docker command that was interrupted may still make what it was to make.
  const how = signal.aborted ? "thorough" : "once";
  const isClean = await guard.release(how, cleanupDeadlineMs);
  if (isClean) return;
  const text = `The container of run ${runId} could not be removed; do it with: ${removal.join(" ")}`;
  report({ kind: "warning", text });
}

async function start(wanted: RunContainer, context: Context): Promise<Container | NotStarted> {
  const { docker, report } = context;
  const args = runArgs(wanted);
  report({ kind: "command", argv: dockerArgv(args) });
  const finished = await docker.attempt(args, { deadlineMs: startDeadlineMs });
  return finished.exitCode === 0 ? containerOf(wanted, context) : notStarted(finished, wanted);
}

/** docker's exit code is 125 for its own refusals, 126 and 127 for a program that cannot be run (docker run(1)). */
function notStarted(
  finished: Finished,
  { name, image, platform, publish }: RunContainer,
): NotStarted {
  const { stderr, exitCode } = finished;
  if (/port is already allocated|address already in use/.test(stderr)) {
    throw fail("PORT_TAKEN", { port: publish?.host ?? 0 });
  }
  if (/container name .* is already in use/.test(stderr))
    throw fail("CONTAINER_NAME_TAKEN", { name });
  const other =
    /does not match the specified platform|does not provide the specified platform/.test(stderr);
  if (other) {
    const present = /platform \(([^)]+)\)/.exec(stderr)?.[1];
    const facts = {
      image,
      platform: formatPlatform(platform),
      present: present === undefined ? [] : [present],
    };
    throw fail("IMAGE_PLATFORM_MISSING", facts);
  }
  const reason = /(?:exec:? .*|OCI runtime create failed: .*|exec format error.*)$/m.exec(
    stderr,
  )?.[0];
  if (exitCode === 125 && reason === undefined) throw dockerError(finished);
  return { reason: (reason ?? stderr.trim().split("\n")[0] ?? "").trim() };
}

function containerOf({ name, platform }: RunContainer, { docker }: Context): Container {
  const program = probeProgram(platform);
  let isLaid: Promise<unknown> | undefined;
  const exec: Container["exec"] = async (command, input) =>
    await docker.attempt(execArgs(name, command, input !== undefined), {
      deadlineMs: execDeadlineMs,
      ...(input === undefined ? {} : { input }),
    });
  return {
    name,
    exec,
    async probe(args, input) {
      if (program === undefined) return undefined;
      isLaid ??= docker.run(copyInArgs(name, "/"), {
        input: tarball([tarFile(probeName, program, 0o755)]),
        deadlineMs: execDeadlineMs,
      });
      await isLaid;
      const command = execArgs(name, [`/${probeName}`, ...args], input !== undefined);
      const options = { deadlineMs: execDeadlineMs, ...(input === undefined ? {} : { input }) };
      const { stdout, finished } = await docker.stream(command, options);
      const output = await buffer(stdout);
      const { exitCode, stderr } = await finished;
      return { exitCode, output, stderr };
    },
  };
}
