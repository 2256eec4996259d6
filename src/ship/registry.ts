/** The way over a registry: what we pushed there once each server's engine pulls, with a login of its own where one is wanted. */
import type { Context } from "../context.ts";
import { fail, isFailure } from "../errors.ts";
import { formatPlatform } from "../platform/platform.ts";
import { formatCommand } from "../process/command.ts";
import { sshArgvShown } from "../process/ssh.ts";
import { type RegistryAtServer, serverRegistryError } from "../server/registry-failure.ts";
import { serverEngineError } from "../server/server.ts";
import type { LoadOptions } from "./load.ts";
import { pullDeadlineMs } from "./pull.ts";
import type { Push } from "./push.ts";
import { pullArgv, pullScript } from "./scripts.ts";

export interface RegistryOptions extends LoadOptions {
  readonly push: Push;
}

/**
 * Waits for the push, then has the engine pull it by its digest; the name that it was pulled by goes again, so that an image has the
 * same names there whichever way it came.
 * @returns the engine's ID of what has the image's name now
 * @throws the errors of the push, SERVER_REGISTRY_…, SHIP_PULL_FAILED, SSH_LOST, SERVER_…, the signal's reason
 */
export async function pullFromRegistry(
  options: RegistryOptions,
  { report }: Context,
): Promise<string> {
  const { server, facts, cargo, shipment, push, progress, names, gone } = options;
  const { pinned } = await push.of(cargo);
  const argv = pullArgv(facts.access, pinned, formatPlatform(shipment.platform));
  report({ kind: "command", argv: sshArgvShown(server.target, argv) });
  // By its ID: of two runs at once the other one may have taken that name away already.
  const naming = { access: facts.access, from: shipment.id, names, gone: [pinned, ...gone] };
  const ran = await server.shell.run(pullScript(argv, naming), {
    deadlineMs: pullDeadlineMs,
    what: formatCommand(argv),
    isWatched: true,
    onLine: (line) => progress.line(line),
  });
  if (ran.exitCode === 0) return ran.stdout.trim().split("\n").at(-1) ?? "";
  const { registry } = push;
  throw pullError({ target: server.name, registry, access: facts.access }, ran);
}

function pullError(
  about: RegistryAtServer,
  { exitCode, stderr }: { readonly exitCode: number; readonly stderr: string },
): Error {
  const { target } = about;
  const said = serverRegistryError(about, stderr);
  if (said !== undefined) return said;
  const known = serverEngineError(target, { exitCode, words: stderr });
  if (isFailure(known) && known.code !== "DOCKER_FAILED") return known;
  const reason = stderr.trim().split("\n").at(-1) ?? "it says nothing";
  return fail("SHIP_PULL_FAILED", { target, reason });
}
