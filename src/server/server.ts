/** A server that is reached by ssh: its shell, and what it said of itself. */
import { dockerError } from "../engine/docker.ts";
import { engineFailure } from "../engine/failure.ts";
import { fail, isFailure } from "../errors.ts";
import type { Ran, RemoteShell } from "../process/remote-shell.ts";
import { type SshTarget, sshTargetText } from "../process/ssh.ts";
import type { DockerAccess } from "./docker-access.ts";
import {
  factsScript,
  type FirstFacts,
  type ImageChoice,
  readFirstFacts,
  readFacts,
  readInfo,
  type ServerFacts,
} from "./facts.ts";

export interface Server {
  readonly target: SshTarget;
  /** As it is typed behind `ssh`. */
  readonly name: string;
  readonly shell: RemoteShell;
}

export function serverAt(target: SshTarget, shell: RemoteShell): Server {
  return { target, name: sshTargetText(target), shell };
}

const factsDeadlineMs = 60_000;

export interface FactsWishes {
  /** The images of interest; absent: all. */
  readonly choice?: ImageChoice | undefined;
  /** Whoever hears what it says first. It may come several times, and be of an engine that lets nobody in. */
  readonly onFirst?: (first: FirstFacts) => void;
}

/**
 * Asks a server about itself; where its engine lets only root in, through `sudo -n`.
 * @throws the errors of ssh, SERVER_DOCKER_MISSING, SERVER_DOCKER_DENIED, SERVER_ENGINE_DOWN
 */
export async function askFacts(server: Server, wishes: FactsWishes = {}): Promise<ServerFacts> {
  const first = await ask(server, "docker", wishes);
  if (first.facts !== undefined) return first.facts;
  if (!isFailure(first.error, "SERVER_DOCKER_DENIED")) throw first.error;
  const second = await ask(server, "sudo -n docker", wishes);
  // Sudo's own refusal says less than the engine's.
  if (second.facts === undefined) throw first.error;
  return second.facts;
}

type Answer =
  | { readonly facts: ServerFacts; readonly error?: never }
  | { readonly facts?: never; readonly error: Error };

async function ask(
  { shell, name }: Server,
  access: DockerAccess,
  { choice, onFirst }: FactsWishes,
): Promise<Answer> {
  const what = `Asking ${name} about itself`;
  let said = "";
  const ran = await shell.run(factsScript(access, choice), {
    deadlineMs: factsDeadlineMs,
    what,
    onLine(line) {
      if (onFirst === undefined) return;
      said += `${line}\n`;
      const first = line.startsWith("=") ? readFirstFacts(said) : undefined;
      if (first !== undefined) onFirst(first);
    },
  });
  const error = engineError(name, ran);
  return error === undefined ? { facts: readFacts(ran.stdout, access) } : { error };
}

/** Why its engine did not answer; `undefined` where it did. */
function engineError(name: string, { stdout, stderr, exitCode }: Ran): Error | undefined {
  const { json, words, exitCode: code = exitCode } = readInfo(stdout);
  if (code === 0 && json !== "") return undefined;
  return serverEngineError(name, { exitCode: code, words: words || stderr });
}

/** What the docker command says alone when the engine ends in the middle of an answer. */
const cutOff = /^(?:unexpected )?EOF$|connection reset by peer$/;

/** What an engine says as it ends, of a containerd that has ended before it: the words of gRPC's client (clientconn.go, transport.go). */
const storeGone =
  /failed to send write: EOF$|the client connection is closing|transport is closing|error reading from server|: unavailable$/;

/** What docker's words on that server mean. */
export function serverEngineError(
  target: string,
  { exitCode, words }: { readonly exitCode: number; readonly words: string },
): Error {
  const lines = words.split("\n").filter((line) => line !== "");
  const reason = lines.at(-1)?.trim() ?? "it says nothing";
  if (exitCode === 127 || /\bdocker: (?:command )?not found/.test(reason))
    return fail("SERVER_DOCKER_MISSING", { target, reason });
  const failure = engineFailure({ exitCode, stderr: words });
  if (isFailure(failure, "ENGINE_PERMISSION_DENIED") || reason.startsWith("sudo: "))
    return fail("SERVER_DOCKER_DENIED", { target, reason });
  if (isFailure(failure, "ENGINE_UNREACHABLE") || cutOff.test(reason) || storeGone.test(reason))
    return fail("SERVER_ENGINE_DOWN", { target, reason });
  if (isFailure(failure, "DISK_FULL")) return fail("SERVER_DISK_FULL", { target, reason });
  const argv = ["ssh", target, "docker"] as const;
  return dockerError({ argv, exitCode, stdout: "", stderr: reason, durationMs: 0 });
}
