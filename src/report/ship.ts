/** The result of `ship`, for people and for machines. */
import { type ExitCode, exitCodes } from "../errors.ts";
import { formatSize } from "../oci/size.ts";
import type { ServerOutcome, ShipmentResult, ShipResult } from "../ship/ship.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

/** A line a server; what was foretold stands beside what was sent. */
export function shipText({ servers }: ShipResult, style: Style): string {
  const width = Math.max(...servers.map(({ server }) => server.length));
  const lines = servers.map(
    (one) => `${head(one, style)} ${one.server.padEnd(width)}  ${tail(one)}`,
  );
  const [only, another] = servers;
  if (another === undefined) return [...lines, ...nextOf(only)].join("\n");
  const failed = servers.filter(({ kind }) => kind === "failed").length;
  const count = `${servers.length - failed} of ${servers.length} servers have it.`;
  return [...lines, failed === 0 ? count : style("red", count)].join("\n");
}

function head(outcome: ServerOutcome, style: Style): string {
  if (outcome.kind === "failed") return statusMark("fail", style);
  return statusMark(outcome.outcome === "planned" ? "skip" : "pass", style);
}

function tail(outcome: ServerOutcome): string {
  if (outcome.kind === "failed") return `failed: ${outcome.error.code}`;
  const { outcome: what, image, platform, emulated, durationMs } = outcome;
  const how = `${image} (${platform}${emulated ? ", emulated there" : ""})`;
  const time = `${(durationMs / 1000).toFixed(1)} s`;
  if (what === "present") return `${how} was there already: nothing sent, ${time}`;
  if (what === "planned") return `${how} would be sent: ${amount(outcome, outcome.bytesPredicted)}`;
  return `${how} by ${outcome.via}: ${amount(outcome, outcome.bytesSent)}, ${time}`;
}

/** `3.1 MB of 592.5 MB in 1 of 4 layers (3.1 MB foretold)`. */
function amount(result: ShipmentResult, bytes: number): string {
  const { bytesTotal, bytesPredicted, layersSent, layersPresent, outcome } = result;
  const whole = `${formatSize(bytes)} of ${formatSize(bytesTotal)}`;
  if (outcome === "planned") return whole;
  const layers = `${layersSent} of ${layersSent + layersPresent} layers`;
  return `${whole} sent, ${layers} (${formatSize(bytesPredicted)} foretold)`;
}

function nextOf(outcome: ServerOutcome | undefined): readonly string[] {
  if (outcome?.kind !== "done") return [];
  if (outcome.outcome === "planned") return ["Nothing was sent (--dry-run)."];
  return [`Next: ssh ${outcome.server} docker run --rm ${outcome.image}`];
}

/** Of one server its keys stand at the top as well; of several the sums. */
export function shipDocument({ digest, servers }: ShipResult): Readonly<Record<string, unknown>> {
  const done = servers.filter((one) => one.kind === "done");
  const sum = (key: "bytesSent" | "bytesTotal" | "layersSent" | "layersPresent") =>
    done.reduce((total, one) => total + one[key], 0);
  return {
    digest,
    via: done[0]?.via ?? null,
    bytesSent: sum("bytesSent"),
    bytesTotal: sum("bytesTotal"),
    layersSent: sum("layersSent"),
    layersPresent: sum("layersPresent"),
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
