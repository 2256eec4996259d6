/** The main way: the server's engine pulls from an endpoint of ours, through ssh, and chooses itself what it lacks. */
import { randomBytes } from "node:crypto";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import type { Parts } from "../oci/parts.ts";
import { formatPlatform } from "../platform/platform.ts";
import { formatCommand } from "../process/command.ts";
import { sshArgvShown } from "../process/ssh.ts";
import type { ServerFacts } from "../server/facts.ts";
import { endLeftShells, noted, processScript, readProcess } from "../server/left-shells.ts";
import { temporaryRepository } from "../server/names.ts";
import { serverEngineError, type Server } from "../server/server.ts";
import type { Cargo } from "./cargo.ts";
import { type Checkpoint, checkpointsOf } from "./checkpoints.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { noPort, type Shipment } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { pullArgv, tunnelPullScript } from "./scripts.ts";

export interface PullOptions {
  readonly server: Server;
  readonly facts: ServerFacts;
  readonly cargo: Cargo;
  readonly shipment: Shipment;
  readonly endpoint: Endpoint;
  readonly progress: Progress;
  /** The names that the image gets, and those that go. */
  readonly names: readonly string[];
  readonly gone: readonly string[];
}

export const pullDeadlineMs = 6 * 60 * 60_000;
const scriptDeadlineMs = 60_000;

/**
 * @returns the engine's ID of what has the image's name now
 * @throws SHIP_NO_TUNNEL, SHIP_PULL_FAILED, SSH_LOST, SERVER_…, the signal's reason
 */
export async function pullImage(options: PullOptions, context: Context): Promise<string> {
  const { server, facts, cargo, shipment, endpoint, progress, names, gone } = options;
  const port = server.shell.forwardedPort();
  if (port === undefined) throw fail("SHIP_NO_TUNNEL", { target: server.name, reason: noPort });
  const repository = temporaryRepository(randomBytes(16));
  const credentials = Buffer.from(`transship:${randomBytes(24).toString("hex")}`).toString(
    "base64",
  );
  const { roundTripMs, own } = await askShell(server);
  await endLeftShells(server, context);
  const checkpoints = checkpointsFor(facts, shipment);
  endpoint.serve({
    repository,
    credentials,
    parts: withCheckpoints(cargo.parts, checkpoints),
    roundTripMs,
    documents: checkpoints.map(({ config }) => config),
    file: cargo.file,
  });
  const nameOf = (digest: Digest) => `127.0.0.1:${port}/${repository}@${digest}`;
  const temporary = nameOf(cargo.image.root.digest);
  const { access } = facts;
  const platform = formatPlatform(shipment.platform);
  const argv = pullArgv(access, temporary, platform);
  context.report({ kind: "command", argv: sshArgvShown(server.target, argv) });
  const script = tunnelPullScript({
    access,
    platform,
    login: { host: `127.0.0.1:${port}`, credentials, context: facts.engine.context },
    reference: temporary,
    checkpoints: checkpoints.map(({ manifest }) => nameOf(manifest.descriptor.digest)),
    naming: { access, from: temporary, names, gone: [temporary, ...gone] },
  });
  const pulling = async () =>
    await server.shell.run(script, {
      deadlineMs: pullDeadlineMs,
      what: formatCommand(argv),
      isWatched: true,
      onLine: (line) => progress.line(line),
    });
  // What comes after may take hours, and nobody has a reason to ask any more.
  const ran = await noted(server, own, context, pulling).finally(() => endpoint.withdraw());
  if (ran.exitCode === 0) return ran.stdout.trim().split("\n").at(-1) ?? "";
  throw pullError(server.name, ran);
}

/** Which process it is, and how long a short script takes. */
async function askShell({ shell, name }: Server) {
  const started = performance.now();
  const what = `A round trip to ${name}`;
  const { stdout } = await shell.run(processScript, { deadlineMs: scriptDeadlineMs, what });
  return { roundTripMs: performance.now() - started, own: readProcess(stdout) };
}

/** containerd keeps what came of a pull that failed, and goes on there. */
function checkpointsFor({ engine }: ServerFacts, { one, missing }: Shipment) {
  return engine.imageStore === "classic" ? checkpointsOf(one, missing) : [];
}

function withCheckpoints(parts: Parts, checkpoints: readonly Checkpoint[]): Parts {
  const own = checkpoints.map(({ manifest }) => manifest);
  return { ...parts, manifests: [...parts.manifests, ...own] };
}

/** What docker's words say of a pull that failed. */
function pullError(
  target: string,
  { exitCode, stderr }: { readonly exitCode: number; readonly stderr: string },
): Error {
  const lines = stderr.trim().split("\n");
  const reason = lines.at(-1) ?? "it says nothing";
  // Nobody listens where the engine looks: its loopback is another one.
  if (/127\.0\.0\.1:\d+: (?:connect: )?connection refused/.test(stderr)) {
    const blind = "it does not see the server's loopback";
    return fail("SHIP_NO_TUNNEL", { target, reason: blind });
  }
  const known = serverEngineError(target, { exitCode, words: stderr });
  if ("code" in known && known.code !== "DOCKER_FAILED") return known;
  return fail("SHIP_PULL_FAILED", { target, reason });
}
