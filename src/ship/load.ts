/**
 * The other way, where the server's engine cannot pull from us: an archive over ssh into `docker load`, without the layers that are
 * there; what came of it is made into a container before it is believed, and where that fails everything is sent.
 */
import type { Context } from "../context.ts";
import { loadImageArgs } from "../engine/images.ts";
import { fail, isFailure } from "../errors.ts";
import { type TarFile, tarball } from "../filesystem/tarball.ts";
import { dockerArchive, layoutArchive } from "../image/loadable.ts";
import { canonicalName } from "../oci/reference.ts";
import { formatPlatform } from "../platform/platform.ts";
import { sshArgv, sshFailure } from "../process/ssh.ts";
import { searchPath } from "../server/docker-access.ts";
import { serverEngineError } from "../server/server.ts";
import { countedFile } from "./progress.ts";
import type { PullOptions } from "./pull.ts";
import { believeScript, nameScript } from "./scripts.ts";

export type LoadOptions = Omit<PullOptions, "endpoint">;

const loadDeadlineMs = 6 * 60 * 60_000;
const scriptDeadlineMs = 120_000;

/**
 * @returns the engine's ID of what has the image's name now
 * @throws SHIP_LOAD_FAILED, SSH_LOST, SERVER_…, the signal's reason
 */
export async function loadImage(options: LoadOptions, context: Context): Promise<string> {
  const { server, facts, shipment, names, gone } = options;
  const skip = facts.engine.imageStore === "classic" ? skipped(options) : 0;
  try {
    await sendAndBelieve(options, skip, context);
  } catch (error) {
    if (skip === 0 || !isFailure(error, "SHIP_LOAD_FAILED")) throw error;
    context.report({ kind: "warning", text: `${error.message} Sending all layers.` });
    await sendAndBelieve(options, 0, context);
  }
  const naming = { access: facts.access, from: shipment.name, names, gone };
  const ran = await server.shell.run(nameScript(naming), {
    deadlineMs: scriptDeadlineMs,
    what: `Naming ${shipment.name} on ${server.name}`,
  });
  if (ran.exitCode === 0) return ran.stdout.trim().split("\n").at(-1) ?? "";
  throw loadError(server.name, ran.exitCode, ran.stderr);
}

/** How many layers are left out: counted in the image, where one may stand twice. */
function skipped({ shipment }: LoadOptions): number {
  const missing = new Set(shipment.missing.map(({ digest }) => digest));
  const first = shipment.one.manifest.layers.findIndex(({ digest }) => missing.has(digest));
  return first === -1 ? shipment.one.manifest.layers.length : first;
}

async function sendAndBelieve(
  options: LoadOptions,
  skip: number,
  { report, runner, runId }: Context,
): Promise<void> {
  const { server, facts, shipment, progress } = options;
  const load = [...facts.access.split(" "), ...loadImageArgs()];
  const argv = sshArgv(server.target, ["sh", "-c", `${searchPath}; exec ${load.join(" ")}`]);
  report({ kind: "command", argv: sshArgv(server.target, load) });
  const files = archiveOf(options, skip).map((file) => countedFile(file, { sent: progress.sent }));
  const finished = await runner.run(argv, { input: tarball(files), deadlineMs: loadDeadlineMs });
  if (finished.exitCode !== 0) {
    const lost = finished.exitCode === 255 ? sshFailure(server.target, finished.stderr) : undefined;
    throw lost ?? loadError(server.name, finished.exitCode, finished.stderr);
  }
  const { access } = facts;
  const platform = formatPlatform(shipment.platform);
  const script = believeScript(access, { id: shipment.name, platform, runId });
  const what = `Making a container of ${shipment.name} on ${server.name}`;
  const made = await server.shell.run(script, { deadlineMs: scriptDeadlineMs, what });
  if (made.exitCode !== 0) throw loadError(server.name, made.exitCode, made.stderr);
}

function archiveOf({ cargo, facts, shipment }: LoadOptions, skip: number): readonly TarFile[] {
  const { source } = cargo.opened;
  if (facts.engine.imageStore === "classic")
    return dockerArchive(shipment.one, { source, tag: shipment.name, skip });
  const { reference, image } = cargo;
  const name = canonicalName(reference);
  return layoutArchive(image.root, [shipment.one], {
    source,
    name,
    tag: reference.tag ?? "latest",
  });
}

function loadError(target: string, exitCode: number, words: string): Error {
  const known = serverEngineError(target, { exitCode, words });
  if (isFailure(known) && known.code !== "DOCKER_FAILED") return known;
  return fail("SHIP_LOAD_FAILED", { target, reason: words.trim().split("\n").at(-1) ?? "" });
}
