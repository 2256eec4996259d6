/** The result of `ship`, for people and for machines. */
import { type ExitCode, exitCodes } from "../errors.ts";
import { shortDigest } from "../oci/digest.ts";
import { formatSize, sizeOf } from "../oci/size.ts";
import type { Pushed, ServerOutcome, ShipmentResult, ShipResult } from "../ship/ship.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

/** A line for the push, a line a server; what was foretold stands beside what was sent. */
export function shipText({ servers, pushed }: ShipResult, style: Style): string {
  const names = [...servers.map(({ server }) => server), pushed?.reference ?? ""];
  const width = Math.max(...names.map(({ length }) => length));
  const lines = [
    ...(pushed === undefined ? [] : pushLines(pushed, width, style)),
    ...servers.flatMap((one) => [
      `${head(one, style)} ${one.server.padEnd(width)}  ${tail(one)}`,
      ...(isPlanned(one) ? missingLines("layer", one.missing) : []),
    ]),
  ];
  const [only, another] = servers;
  if (another === undefined) return [...lines, ...nextOf(only)].join("\n");
  if (servers.some(isPlanned)) return [...lines, nothingSent].join("\n");
  const failed = servers.filter(({ kind }) => kind === "failed").length;
  const count = `${servers.length - failed} of ${servers.length} servers have it.`;
  return [...lines, failed === 0 ? count : style("red", count)].join("\n");
}

const nothingSent = "Nothing was sent (--dry-run).";

function isPlanned(one: ServerOutcome): one is Extract<ServerOutcome, { readonly kind: "done" }> {
  return one.kind === "done" && one.outcome === "planned";
}

function pushLines(pushed: Pushed, width: number, style: Style): readonly string[] {
  const { reference, outcome, missing, blobsPresent, bytesSent, bytesTotal } = pushed;
  const name = reference.padEnd(width);
  const total = formatSize(bytesTotal);
  const count = `${missing.length} of ${missing.length + blobsPresent} blobs`;
  if (outcome === "planned") {
    const bytes = sizeOf(missing);
    const lacks = `lacks ${count}, ${formatSize(bytes)} of ${total}`;
    return [`${statusMark("skip", style)} ${name}  ${lacks}`, ...missingLines("blob", missing)];
  }
  const sent = `${formatSize(bytesSent)} of ${total} sent, ${count}, ${seconds(pushed.durationMs)}`;
  return [`${statusMark("pass", style)} ${name}  ${sent}`];
}

function missingLines(what: string, missing: ShipmentResult["missing"]): readonly string[] {
  return missing.map(
    ({ digest, size }) => `    ${what} ${shortDigest(digest)}, ${formatSize(size)}`,
  );
}

function head(outcome: ServerOutcome, style: Style): string {
  if (outcome.kind === "failed") return statusMark("fail", style);
  return statusMark(outcome.outcome === "planned" ? "skip" : "pass", style);
}

function tail(outcome: ServerOutcome): string {
  if (outcome.kind === "failed") return `failed: ${outcome.error.code}`;
  const { outcome: what, via, image, platform, emulated, durationMs } = outcome;
  const how = `${image} (${platform}${emulated ? ", emulated there" : ""})`;
  const time = seconds(durationMs);
  if (what === "present") return `${how} was there already: nothing sent, ${time}`;
  if (what === "planned")
    return `${how} would be ${via === "registry" ? "pulled from there" : "sent"}: ${planned(outcome)}`;
  return `${how} by ${via}: ${amount(outcome)}, ${time}`;
}

/** `3.1 MB of 592.5 MB, 1 of 4 layers`. */
function planned({ bytesPredicted, bytesTotal, missing, layersPresent }: ShipmentResult): string {
  const layers = `${missing.length} of ${missing.length + layersPresent} layers`;
  return `${formatSize(bytesPredicted)} of ${formatSize(bytesTotal)}, ${layers}`;
}

/** `3.1 MB of 592.5 MB sent, 1 of 4 layers (3.1 MB foretold)`; docker does not tell how many bytes it pulled from elsewhere. */
function amount(result: ShipmentResult): string {
  const { via, bytesSent, bytesTotal, bytesPredicted, layersSent, layersPresent } = result;
  const layers = `${layersSent} of ${layersSent + layersPresent} layers`;
  const [total, foretold] = [formatSize(bytesTotal), formatSize(bytesPredicted)];
  if (via === "registry") return `${layers} pulled (${foretold} of ${total} foretold)`;
  return `${formatSize(bytesSent)} of ${total} sent, ${layers} (${foretold} foretold)`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function nextOf(outcome: ServerOutcome | undefined): readonly string[] {
  if (outcome?.kind !== "done") return [];
  if (outcome.outcome === "planned") return [nothingSent];
  return [`Next: ssh ${outcome.server} docker run --rm ${outcome.image}`];
}

/**
 * Of one server its keys stand at the top as well; of several the sums. What went to a registry was sent once, and is counted in
 * `bytesSent` once, whatever the number of servers.
 */
export function shipDocument({
  digest,
  servers,
  pushed,
}: ShipResult): Readonly<Record<string, unknown>> {
  const done = servers.filter((one) => one.kind === "done");
  const sum = (key: "bytesSent" | "bytesTotal" | "layersSent" | "layersPresent") =>
    done.reduce((total, one) => total + one[key], 0);
  return {
    digest,
    via: done[0]?.via ?? null,
    bytesSent: sum("bytesSent") + (pushed?.bytesSent ?? 0),
    bytesTotal: sum("bytesTotal"),
    layersSent: sum("layersSent"),
    layersPresent: sum("layersPresent"),
    ...(pushed === undefined ? {} : { pushed }),
    servers: servers.map(serverDocument),
  };
}

function serverDocument(outcome: ServerOutcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === "done") {
    const { kind: _kind, ...rest } = outcome;
    return rest;
  }
  const { code, message, hint, facts } = outcome.error;
  return { server: outcome.server, outcome: "failed", error: { code, message, hint, facts } };
}

/** The worst of its servers'. */
export function shipExit({ servers }: ShipResult): ExitCode {
  const codes = servers.map((one) => (one.kind === "failed" ? one.error.exitCode : exitCodes.done));
  return codes.toSorted((one, other) => other - one)[0] ?? exitCodes.done;
}
