/** Start-up: the container is watched until its service answers, or until it is clear that it will not. */
import { connect } from "node:net";
import type { Context } from "../context.ts";
import { type ContainerState, inspectContainer, lastLogs } from "../engine/containers.ts";
import { isFailure } from "../errors.ts";
import { waitFor } from "../process/wait.ts";
import { failed, type Outcome, pass } from "./check.ts";
import { ask } from "./http.ts";

export interface Service {
  /** Where the engine publishes ports: `127.0.0.1`. */
  readonly host: string;
  /** Published; 0 where none is. */
  readonly port: number;
  /** Inside the container. */
  readonly inside: number;
}

export interface Started {
  readonly outcome: Outcome;
  /** As it was seen last. */
  readonly state: ContainerState;
  /** How the service answered; absent where none was asked. */
  readonly answered?: "http" | "tcp";
  readonly service?: Service;
}

export interface ReadinessOptions {
  readonly name: string;
  readonly platform: string;
  readonly host: string;
  /** The service's port inside; absent where it is not asked. */
  readonly inside: number | undefined;
  readonly path: string;
  readonly waitMs: number;
}

const logLines = 12;
/** How long a container must have run where no service tells that it is ready, in milliseconds. */
const settledMs = 300;
/** How long a connection must stay open to be somebody's: the engine's proxy accepts before it knows. */
const heldMs = 150;

/** @throws the engine's errors, INTERRUPTED, TERMINATED */
export async function waitUntilReady(
  options: ReadinessOptions,
  context: Context,
): Promise<Started> {
  const { name, inside, waitMs } = options;
  const { docker, signal } = context;
  const started = performance.now();
  let state = await inspectContainer(name, docker);
  const service = serviceOf(state, options);
  const look = async (): Promise<Started | undefined> => {
    const answer = service === undefined ? undefined : await answers(service, options.path, signal);
    // Asked after the service: an answer of a container that has ended meanwhile is not believed.
    if (answer === undefined || service === undefined) state = await inspectContainer(name, docker);
    if (!state.isRunning) return await crashed(state, options, context);
    const ms = Math.round(performance.now() - started);
    if (service === undefined) {
      return ms < settledMs ? undefined : { state, outcome: pass(`running after ${ms} ms`) };
    }
    if (answer === undefined) return undefined;
    const how = answer === "http" ? "HTTP" : "TCP";
    const detail = `ready after ${ms} ms (${how} on port ${inside ?? 0})`;
    return { state, service, answered: answer, outcome: pass(detail) };
  };
  try {
    return await waitFor(look, { what: name, deadlineMs: waitMs, mostMs: 200, signal });
  } catch (error) {
    if (!isFailure(error, "DEADLINE_PASSED")) throw error;
    const lines = await lastLogs(name, logLines, docker);
    const detail = `nothing answered on port ${inside ?? 0} within ${waitMs / 1000} s`;
    return { state, outcome: failed([detail, ...lines.map((line) => `| ${line}`)].join("\n")) };
  }
}

function serviceOf(state: ContainerState, { host, inside }: ReadinessOptions): Service | undefined {
  if (inside === undefined) return undefined;
  return { host, inside, port: state.ports[`${inside}/tcp`] ?? 0 };
}

/** Exit code and last words at once, and what they mean where that is known. */
async function crashed(
  state: ContainerState,
  { name, platform }: ReadinessOptions,
  { docker }: Context,
): Promise<Started> {
  const lines = await lastLogs(name, logLines, docker);
  const text = lines.join("\n");
  const why = /exec format error/i.test(text)
    ? ` (the kernel cannot run it: no emulator for ${platform}, or a program for another machine)`
    : state.isOutOfMemory
      ? " (killed: out of memory)"
      : state.exitCode > 128
        ? ` (signal ${state.exitCode - 128})`
        : "";
  const detail = `it ended with exit code ${state.exitCode}${why}`;
  return { state, outcome: failed([detail, ...lines.map((line) => `| ${line}`)].join("\n")) };
}

/** Whether something answers: with HTTP, else by holding a connection open. */
async function answers(
  service: Service,
  path: string,
  signal: AbortSignal,
): Promise<"http" | "tcp" | undefined> {
  const answer = await ask(service, path, { timeoutMs: 2_000, signal });
  if (answer.kind === "answer") return "http";
  if (answer.kind === "silent" || answer.kind === "not-http") {
    return (await holds(service, signal)) ? "tcp" : undefined;
  }
  return undefined;
}

async function holds({ host, port }: Service, signal: AbortSignal): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, signal });
    const end = (isHeld: boolean) => {
      socket.destroy();
      resolve(isHeld);
    };
    socket.once("connect", () => setTimeout(() => end(!socket.destroyed), heldMs));
    socket.once("error", () => end(false)).once("close", () => resolve(false));
  });
}
