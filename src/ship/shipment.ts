/** One server: asked, planned for, given what it lacks. */
import type { Context } from "../context.ts";
import { fail, isFailure } from "../errors.ts";
import { mediaTypes } from "../oci/document.ts";
import { formatSize, sizeOf } from "../oci/size.ts";
import { formatPlatform } from "../platform/platform.ts";
import { explainDenied } from "../process/ssh-identity.ts";
import type { ServerFacts } from "../server/facts.ts";
import { leftNames } from "../server/names.ts";
import { preflight, readsZstd } from "../server/preflight.ts";
import { serverAt, type Server } from "../server/server.ts";
import type { Verdict } from "../verify/verify.ts";
import type { Cargo, Consignment } from "./cargo.ts";
import type { Connection } from "./connection.ts";
import { deliver, type Delivery } from "./delivery.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { planShipment, type PlanOptions, type Shipment } from "./plan.ts";
import { type Progress, trackLayers } from "./progress.ts";
import { look } from "./look.ts";
import type { Proofs } from "./proof.ts";
import { plannedResult, settledResult, type ShipmentResult } from "./result.ts";
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
  /** Whether the connection is the user's own, which carries no port for us. */
  readonly isOverMaster: boolean;
  /** The number of its first task, and whether its tasks name the server. */
  readonly from: number;
  readonly isOneOfMany: boolean;
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
    const isWhole = options.dryRun || push !== undefined || options.platform !== undefined;
    const { consignment: opening } = options;
    const seen = await look(server, { consignment: opening, isWhole }, context);
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
      ...(options.isOverMaster ? { tunnelObstacle: "a connection of its own was refused" } : {}),
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
      ...plannedResult(shipment, done === undefined ? undefined : progress),
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
