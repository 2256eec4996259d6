/** Where an engine is reached that is not the one in use: an address, or a docker context. */
import { fail, isFailure, type TransshipError } from "../errors.ts";
import { type Platform, platformOf } from "../platform/platform.ts";
import { formatCommand } from "../process/command.ts";
import type { Finished, Runner } from "../process/run.ts";
import { sshTargetOf } from "../process/ssh-target.ts";
import { sshArgv, sshFailure, sshTargetText } from "../process/ssh.ts";
import { csvField } from "./build.ts";
import { dockerArgv } from "./docker.ts";

/** The files that an engine behind TLS is asked with, each by its absolute path. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const deadlineMs = 20_000;
/** The exit code by which ssh says that it was ssh which failed (ssh(1)). */
const unanswered = 255;

/** The flags in front of a docker command that send it there; an address has a scheme, a context has none. */
export function endpointArgs(endpoint: string, tls?: TlsFiles): readonly string[] {
  if (!endpoint.includes("://")) return ["--context", endpoint];
  const secured =
    tls === undefined
      ? []
      : ["--tlsverify", "--tlscacert", tls.ca, "--tlscert", tls.cert, "--tlskey", tls.key];
  return ["--host", endpoint, ...secured];
}

/** Arguments that make a context of an engine behind TLS, for what takes no files of its own (a builder's node). */
export function createContextArgs(name: string, address: string, tls: TlsFiles): readonly string[] {
  return ["context", "create", name, "--docker", securedEndpoint(address, tls)];
}

export function updateContextArgs(name: string, address: string, tls: TlsFiles): readonly string[] {
  return ["context", "update", name, "--docker", securedEndpoint(address, tls)];
}

function securedEndpoint(address: string, { ca, cert, key }: TlsFiles): string {
  return [`host=${address}`, `ca=${ca}`, `cert=${cert}`, `key=${key}`].map(csvField).join(",");
}

export function removeContextArgs(name: string): readonly string[] {
  return ["context", "rm", "--force", name];
}

const format = ["--format", "{{.Server.Os}}/{{.Server.Arch}}"];

/**
 * The platform whose programs the engine there runs without an emulator. Over ssh its own docker command is asked: ssh's words
 * then come through unchanged.
 * @throws the errors of ssh, NODE_DOCKER_MISSING, NODE_UNREACHABLE, CONTEXT_UNKNOWN
 */
export async function askPlatform(
  endpoint: string,
  { runner }: { readonly runner: Runner },
  tls?: TlsFiles,
): Promise<Platform> {
  const target = sshTargetOf(endpoint);
  const socket = target?.socket === undefined ? [] : [`--host=unix://${target.socket}`];
  const argv =
    target === undefined
      ? dockerArgv([...endpointArgs(endpoint, tls), "version", ...format])
      : sshArgv(target, ["docker", ...socket, "version", ...format]);
  const finished = await runner.run(argv, { deadlineMs }).catch((error: unknown) => {
    if (isFailure(error, "DEADLINE_PASSED")) {
      throw endpointFailure(endpoint, `nothing came within ${deadlineMs / 1000} s`, unanswered);
    }
    if (isFailure(error) || target === undefined) throw error;
    throw endpointFailure(endpoint, "the ssh command cannot be started", unanswered);
  });
  const platform = readPlatformAnswer(finished);
  if (platform !== undefined) return platform;
  throw endpointFailure(endpoint, finished.stderr, finished.exitCode);
}

function readPlatformAnswer({ exitCode, stdout }: Finished): Platform | undefined {
  if (exitCode !== 0) return undefined;
  const [os, architecture] = stdout.trim().split("/");
  return platformOf({ os, architecture });
}

/** Why the engine there could not be asked, by the words of ssh or docker. */
export function endpointFailure(endpoint: string, words: string, exitCode = 1): TransshipError {
  const target = sshTargetOf(endpoint);
  // The docker client tells ssh's words at the end of its own (docker/cli, `cli/connhelper/commandconn`).
  const own = words.split("stderr=").at(-1)?.trim() || words.trim();
  const said = target === undefined ? undefined : sshFailure(target, own);
  if (said !== undefined) return said;
  const reason = own.split(/\r?\n/).at(-1) ?? "";
  const isMissing = /docker: (?:command )?not found|docker: No such file/i.test(own);
  if (target !== undefined && (exitCode === 127 || isMissing)) {
    return fail("NODE_DOCKER_MISSING", { endpoint, target: sshTargetText(target), reason });
  }
  if (target !== undefined && exitCode === unanswered) {
    const { host } = target;
    return fail("SSH_UNREACHABLE", { host, target: sshTargetText(target), reason });
  }
  const context = /context "([^"]+)": context not found/i.exec(own)?.[1];
  if (context !== undefined) return fail("CONTEXT_UNKNOWN", { context });
  const command = formatCommand(dockerArgv([...endpointArgs(endpoint), "version"]));
  return fail("NODE_UNREACHABLE", { endpoint, command, reason: reason || "it says nothing" });
}
