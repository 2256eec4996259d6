/** One server: asked, planned for, given what it lacks. */
import type { Context } from "../context.ts";
import { fail, isFailure } from "../errors.ts";
import { platformName } from "../image/image.ts";
import type { Digest } from "../oci/digest.ts";
import { familiarName } from "../oci/reference.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { formatSize } from "../oci/size.ts";
import { formatPlatform } from "../platform/platform.ts";
import { explainDenied } from "../process/ssh-identity.ts";
import type { FirstFacts, ServerFacts } from "../server/facts.ts";
import { leftNames } from "../server/names.ts";
import { preflight, readsZstd } from "../server/preflight.ts";
import { askFacts, serverAt, type Server } from "../server/server.ts";
import type { Verdict } from "../verify/verify.ts";
import type { Cargo, Consignment } from "./cargo.ts";
import type { Connection } from "./connection.ts";
import { deliver, type Delivery } from "./delivery.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { choiceFor, rememberStore } from "./image-choice.ts";
import { type Settled, settledIn } from "./settled.ts";
import { planShipment, type PlanOptions, type Shipment, type Way } from "./plan.ts";
import { type Progress, trackLayers } from "./progress.ts";
import type { Proofs } from "./proof.ts";
import type { Push } from "./push.ts";
import { removeNamesScript } from "./scripts.ts";

export interface ShipmentOptions extends Pick<PlanOptions, "via" | "platform"> {
  readonly connection: Connection;
  readonly consignment: Promise<Consignment>;
  readonly proofs: (cargo: Cargo) => Promise<Proofs>;
  /** Shared by all servers; absent where it goes without a registry. */
  readonly push?: Push;
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
  /** Bytes of blobs that were sent to it: none by a registry, to which they are pushed once. */
  readonly bytesSent: number;
  /** Compressed bytes of all its layers. */
  readonly bytesTotal: number;
  /** With `--dry-run` none. By a registry: those that it pulled from there. */
  readonly layersSent: number;
  readonly layersPresent: number;
  /** The layers that the engine was thought to lack. */
  readonly missing: readonly Pick<Descriptor, "digest" | "size">[];
  /** Requests for other paths that came through the tunnel. */
  readonly foreignRequests: number;
  readonly durationMs: number;
}

const scriptDeadlineMs = 60_000;

/** @throws the errors of ssh, SERVER_…, SHIP_…, STORE_BLOB_… */
export async function shipTo(options: ShipmentOptions, context: Context): Promise<ShipmentResult> {
  const started = performance.now();
  const { connection, push } = options;
  const { shell, endpoint, target } = connection;
  const server = serverAt(target, shell);
  let progress: Progress | undefined;
  try {
    const seen = await look(server, options, context);
    if (seen.settled !== undefined) {
      const durationMs = Math.round(performance.now() - started);
      return { ...settledResult(seen), server: server.name, durationMs };
    }
    const { consignment, facts } = seen;
    // By a registry all servers pull the same bytes, which each of them can read.
    const readable = push === undefined && readsZstd(facts.engine);
    const cargo = await consignment.cargo(readable ? "zstd" : "gzip");
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
      missing: shipment.missing,
      from: options.from,
      report: context.report,
      isRemote: push !== undefined,
      ...(options.isOneOfMany || push !== undefined ? { place: server.name } : {}),
    });
    connection.onSent = progress.sent;
    const { keep } = options;
    const delivery = { server, facts, cargo, shipment, endpoint, push, progress, keep };
    if (options.dryRun && !shipment.isThere) await push?.of(cargo);
    const done = options.dryRun ? undefined : await deliver(delivery, context);
    if (done !== undefined) await cleanUp(server, facts, context);
    return {
      ...describe(shipment, done === undefined ? undefined : progress),
      digest: cargo.image.root.digest,
      ...(verdict === undefined ? {} : { verdict }),
      server: server.name,
      outcome: done?.outcome ?? "planned",
      ...(done && { via: done.via }),
      foreignRequests: endpoint?.foreign() ?? 0,
      durationMs: Math.round(performance.now() - started),
    };
  } catch (error) {
    const { broken } = connection;
    const reason: unknown = broken.reason;
    const cause = broken.aborted && !context.signal.aborted ? reason : error;
    progress?.end(cause instanceof Error ? cause.message : String(cause));
    throw isFailure(cause, "SSH_DENIED")
      ? await explainDenied(cause, target, context.runner)
      : cause;
  } finally {
    warnOfStrangers(server, endpoint, context);
    await connection.close();
  }
}

type Seen = { readonly consignment: Consignment } & (
  | { readonly settled: Settled; readonly facts?: never }
  | { readonly settled?: never; readonly facts: ServerFacts }
);

/** What the server says, or as much of it as shows that there is nothing to do. */
async function look(server: Server, options: ShipmentOptions, context: Context): Promise<Seen> {
  const choice = await choiceFor(server.name, options.consignment, context);
  const first = Promise.withResolvers<FirstFacts>();
  const asking = askFacts(server, { choice, onFirst: first.resolve });
  const opened = asking.then(async () => await options.consignment);
  // A server that is not reached is told of at once, whatever the image takes.
  const consignment = await Promise.race([options.consignment, opened]);
  const said = await Promise.race([first.promise, asking]);
  const isPlain = !options.dryRun && options.push === undefined && options.platform === undefined;
  const settled = isPlain ? settledIn(consignment, said) : undefined;
  if (settled !== undefined) return { consignment, settled };
  const facts = await asking;
  await rememberStore(server.name, facts, context);
  return { consignment, facts };
}

/** The result where all is there. */
function settledResult({
  consignment: { image, reference },
  settled,
}: Seen & { settled: Settled }) {
  const { one, id } = settled;
  const { layers } = one.manifest;
  return {
    outcome: "present",
    via: "pull",
    image: familiarName(reference),
    digest: image.root.digest,
    id,
    platform: platformName(one),
    emulated: false,
    bytesPredicted: 0,
    bytesSent: 0,
    bytesTotal: sizeOf(layers),
    layersSent: 0,
    layersPresent: layers.length,
    missing: [],
    foreignRequests: 0,
  } as const;
}

/** What runs that came to nothing left on the server: until now it held layers that need not be sent again. */
async function cleanUp(server: Server, facts: ServerFacts, { report }: Context): Promise<void> {
  const names = leftNames(facts, server.shell.forwardedPort());
  if (names.length === 0) return;
  const text = `Removing what an earlier run left on ${server.name}: ${names.join(", ")}`;
  report({ kind: "note", text });
  const what = `Removing names on ${server.name}`;
  const script = removeNamesScript(facts.access, names);
  await server.shell.run(script, { deadlineMs: scriptDeadlineMs, what });
}

interface Checked extends Pick<Delivery, "server" | "facts" | "cargo" | "shipment"> {
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
  const proofs = await options.proofs(cargo);
  return await proofs.ask(server.name, shipment, facts);
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
    : `it lacks ${missing.length} of ${missing.length + present.length} layers, ${formatSize(sizeOf(missing))} to ${way === "registry" ? "pull" : "send"}`;
  report({
    kind: "step",
    title: `Ship ${name} to ${server.name} by ${way}${why}`,
    reason: `${what}; engine ${engine.serverVersion}, ${engine.imageStore} image store, ${formatPlatform(engine.platform)}`,
  });
}

/** `progress`: of what was done; absent where it was only planned. */
function describe(shipment: Shipment, progress: Progress | undefined) {
  const { name, id, platform, isEmulated, isThere, way, missing, present } = shipment;
  const layers = [...missing, ...present];
  const sent = layers.filter(({ digest }) => progress?.layers.has(digest));
  return {
    via: way,
    image: name,
    id,
    platform: formatPlatform(platform),
    emulated: isEmulated,
    bytesPredicted: isThere ? 0 : sizeOf(missing),
    bytesSent: progress?.bytes ?? 0,
    bytesTotal: sizeOf(layers),
    layersSent: sent.length,
    layersPresent: progress === undefined ? present.length : layers.length - sent.length,
    missing: isThere ? [] : missing.map(({ digest, size }) => ({ digest, size })),
  };
}

function warnOfStrangers(
  server: Server,
  endpoint: Endpoint | undefined,
  { report }: Context,
): void {
  const strangers = endpoint?.foreign() ?? 0;
  if (strangers === 0) return;
  const text = `Somebody on ${server.name} asked for other paths than the image's through the tunnel, ${strangers} times. They got nothing.`;
  report({ kind: "warning", text });
}

function sizeOf(layers: readonly { readonly size: number }[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}
