/** One server: asked, planned for, given what it lacks. */
import type { Context } from "../context.ts";
import { fail, isFailure } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/document.ts";
import { formatSize } from "../oci/size.ts";
import { formatPlatform } from "../platform/platform.ts";
import { openRemoteShell } from "../process/remote-shell.ts";
import type { SshTarget } from "../process/ssh.ts";
import { explainDenied } from "../process/ssh-identity.ts";
import type { ServerFacts } from "../server/facts.ts";
import { leftNames, shippedName, shippedNames } from "../server/names.ts";
import { preflight, readsZstd } from "../server/preflight.ts";
import { askFacts, serverAt, type Server } from "../server/server.ts";
import type { Verdict } from "../verify/verify.ts";
import type { Cargo, Consignment } from "./cargo.ts";
import { type Endpoint, openEndpoint } from "./endpoint/endpoint.ts";
import { loadImage } from "./load.ts";
import { planShipment, type PlanOptions, type Shipment, type Way } from "./plan.ts";
import { type Progress, trackLayers } from "./progress.ts";
import type { Proofs } from "./proof.ts";
import { pullImage } from "./pull.ts";
import { nameScript, removeNamesScript } from "./scripts.ts";

export interface ShipmentOptions extends Pick<PlanOptions, "via" | "platform"> {
  readonly target: SshTarget;
  readonly consignment: Promise<Consignment>;
  readonly proofs: (cargo: Cargo) => Proofs;
  /** How many protecting names of the repository stay, this one among them. */
  readonly keep: number;
  readonly dryRun: boolean;
  /** The number of its first task, and whether its tasks name the server. */
  readonly from: number;
  readonly isOneOfMany: boolean;
}

export interface ShipmentResult {
  /** As it is typed behind `ssh`. */
  readonly server: string;
  /** `present`: the engine had it; `planned`: with `--dry-run`. */
  readonly outcome: "shipped" | "present" | "planned";
  readonly via: Way;
  /** Its name there. */
  readonly image: string;
  /** The root's, index or manifest, as it was sent. */
  readonly digest: Digest;
  /** The engine's ID. */
  readonly id: Digest;
  readonly platform: string;
  readonly emulated: boolean;
  /** Absent where nothing was to be sent. */
  readonly verdict?: Verdict;
  /** Compressed bytes of the layers that the engine was thought to lack. */
  readonly bytesPredicted: number;
  /** Bytes of blobs that were sent. */
  readonly bytesSent: number;
  /** Compressed bytes of all its layers. */
  readonly bytesTotal: number;
  readonly layersSent: number;
  readonly layersPresent: number;
  /** Requests for other paths that came through the tunnel. */
  readonly foreignRequests: number;
  readonly durationMs: number;
}

const scriptDeadlineMs = 60_000;

/** @throws the errors of ssh, SERVER_…, SHIP_…, STORE_BLOB_… */
export async function shipTo(options: ShipmentOptions, context: Context): Promise<ShipmentResult> {
  const started = performance.now();
  const broken = new AbortController();
  const signal = AbortSignal.any([context.signal, broken.signal]);
  let progress: Progress | undefined;
  const endpoint = await openEndpoint({
    onSent: (digest, bytes, upTo) => progress?.sent(digest, bytes, upTo),
    // No engine will get that blob: its patience is not waited for.
    onFailure: (error) => broken.abort(error),
  });
  const shell = openRemoteShell(options.target, { forward: endpoint.port, signal });
  const server = serverAt(options.target, shell);
  try {
    const [consignment, facts] = await Promise.all([options.consignment, askFacts(server)]);
    await cleanUp(server, facts, context);
    const cargo = await consignment.cargo(readsZstd(facts.engine) ? "zstd" : "gzip");
    const shipment = planShipment({
      ...options,
      ...cargo,
      target: server.name,
      facts,
      hasTunnel: shell.forwardedPort() !== undefined,
    });
    const verdict = await check({ server, facts, cargo, shipment, options }, context);
    tell(server, shipment, facts, context);
    progress = trackLayers({
      ...shipment,
      from: options.from,
      report: context.report,
      ...(options.isOneOfMany ? { server: server.name } : {}),
    });
    const work = { server, facts, cargo, shipment, endpoint, progress, keep: options.keep };
    const done = options.dryRun ? undefined : await give(work, context);
    return {
      ...describe(shipment, progress),
      digest: cargo.image.root.digest,
      ...(verdict === undefined ? {} : { verdict }),
      server: server.name,
      outcome: done ?? "planned",
      foreignRequests: endpoint.foreign(),
      durationMs: Math.round(performance.now() - started),
    };
  } catch (error) {
    const reason: unknown = broken.signal.reason;
    const cause = broken.signal.aborted && !context.signal.aborted ? reason : error;
    progress?.end(cause instanceof Error ? cause.message : String(cause));
    throw isFailure(cause, "SSH_DENIED")
      ? await explainDenied(cause, options.target, context.runner)
      : cause;
  } finally {
    warnOfStrangers(server, endpoint, context);
    await Promise.all([shell.close(), endpoint.close()]);
  }
}

/** What runs that were killed left on the server. */
async function cleanUp(server: Server, facts: ServerFacts, { report }: Context): Promise<void> {
  const names = leftNames(facts, server.shell.forwardedPort());
  if (names.length === 0) return;
  const text = `Removing what an earlier run left on ${server.name}: ${names.join(", ")}`;
  report({ kind: "note", text });
  const what = `Removing names on ${server.name}`;
  const script = removeNamesScript(facts.access, names);
  await server.shell.run(script, { deadlineMs: scriptDeadlineMs, what });
}

interface Checked {
  readonly server: Server;
  readonly facts: ServerFacts;
  readonly cargo: Cargo;
  readonly shipment: Shipment;
  readonly options: ShipmentOptions;
}

/** All that stands against it, before anything is sent. */
async function check(
  { server, facts, cargo, shipment, options }: Checked,
  { report }: Context,
): Promise<Verdict | undefined> {
  if (shipment.isThere) return undefined;
  const layers = shipment.one.manifest.layers;
  const needs = {
    bytes: sizeOf(shipment.missing),
    hasZstd: layers.some(({ mediaType }) => mediaType === mediaTypes.layerZstd),
  };
  const { problems, warnings } = preflight(facts, needs, Date.now());
  for (const text of warnings) report({ kind: "warning", text: `${server.name}: ${text}` });
  if (problems.length > 0) throw fail("SHIP_PREFLIGHT", { target: server.name, problems });
  return await options.proofs(cargo).ask(server.name, shipment, facts);
}

function tell(
  server: Server,
  { name, platform, isEmulated, isThere, way, reason, missing, present }: Shipment,
  { engine }: ServerFacts,
  { report }: Context,
): void {
  if (isEmulated) {
    const text = `${server.name} runs ${formatPlatform(platform)} under an emulator only.`;
    report({ kind: "warning", text });
  }
  const why = reason === undefined ? "" : ` (${reason})`;
  const what = isThere
    ? "the engine has it already"
    : `it lacks ${missing.length} of ${missing.length + present.length} layers, ${formatSize(sizeOf(missing))} to send`;
  report({
    kind: "step",
    title: `Ship ${name} to ${server.name} by ${way}${why}`,
    reason: `${what}; engine ${engine.serverVersion}, ${engine.imageStore} image store, ${formatPlatform(engine.platform)}`,
  });
}

interface Work extends Omit<Checked, "options"> {
  readonly endpoint: Endpoint;
  readonly progress: Progress;
  readonly keep: number;
}

/** @throws SHIP_DIFFERS, the errors of the way */
async function give(work: Work, context: Context): Promise<"shipped" | "present"> {
  const { server, shipment, progress } = work;
  const { id, name, isThere } = shipment;
  const actual = isThere ? await nameOnly(work) : await send(work, context);
  progress.end();
  if (actual === id) return isThere ? "present" : "shipped";
  throw fail("SHIP_DIFFERS", { target: server.name, image: name, expected: id, actual });
}

async function send(work: Work, context: Context): Promise<string> {
  const { shipment } = work;
  if (shipment.way === "load") return await loadImage({ ...work, ...namesOf(work, true) }, context);
  try {
    return await pullImage({ ...work, ...namesOf(work, false) }, context);
  } catch (error) {
    if (!isFailure(error, "SHIP_NO_TUNNEL")) throw error;
    context.report({ kind: "warning", text: `${error.message} So it is loaded.` });
    return await loadImage({ ...work, ...namesOf(work, true) }, context);
  }
}

/** The image's own name and, where it has none yet, one that protects it; the oldest of these go where they are too many. */
function namesOf({ facts, cargo, shipment, keep }: Work, isLoaded: boolean) {
  const { reference } = cargo;
  const others = shippedNames(facts.images, reference);
  const own = facts.images.find(({ id }) => id === shipment.id)?.names ?? [];
  const isProtected = others.some((name) => own.includes(name));
  const fresh = isProtected
    ? []
    : [shippedName(reference, shipment.id, { now: new Date(), isLoaded })];
  const room = Math.max(0, keep - fresh.length);
  return {
    names: [shipment.name, ...fresh],
    gone: others.slice(room).filter((name) => !own.includes(name)),
  };
}

/** The engine has it; it may lack the name. */
async function nameOnly(work: Work): Promise<string> {
  const { server, facts, shipment } = work;
  const { names, gone } = namesOf(work, false);
  if (shipment.isNamed && names.length === 1 && gone.length === 0) return shipment.id;
  const naming = { access: facts.access, from: shipment.id, names, gone };
  const what = `Naming ${shipment.name} on ${server.name}`;
  const ran = await server.shell.run(nameScript(naming), { deadlineMs: scriptDeadlineMs, what });
  return ran.stdout.trim().split("\n").at(-1) ?? "";
}

function describe(shipment: Shipment, progress: Progress) {
  const { name, id, platform, isEmulated, isThere, way, missing, present } = shipment;
  const layers = [...missing, ...present];
  const sent = layers.filter(({ digest }) => progress.layers.has(digest));
  return {
    via: way,
    image: name,
    id,
    platform: formatPlatform(platform),
    emulated: isEmulated,
    bytesPredicted: isThere ? 0 : sizeOf(missing),
    bytesSent: progress.bytes,
    bytesTotal: sizeOf(layers),
    layersSent: sent.length,
    layersPresent: layers.length - sent.length,
  };
}

function warnOfStrangers(server: Server, endpoint: Endpoint, { report }: Context): void {
  const strangers = endpoint.foreign();
  if (strangers === 0) return;
  const text = `Somebody on ${server.name} asked for other paths than the image's through the tunnel, ${strangers} times. They got nothing.`;
  report({ kind: "warning", text });
}

function sizeOf(layers: readonly { readonly size: number }[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}
