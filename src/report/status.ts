/** What servers know of an app, for people and for machines. */
import type { KeptRelease, ServerStatus } from "../deploy/status.ts";
import { type ExitCode, exitCodes } from "../errors.ts";
import { formatAge } from "./age.ts";
import { statusMark } from "./mark.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";

export function statusText(servers: readonly ServerStatus[], style: Style): string {
  return servers.flatMap((one) => [headLine(one, style), ...restLines(one)]).join("\n");
}

function isWell({ serving, health, releases }: ServerStatus): boolean {
  const kept = releases.find(({ isServing }) => isServing);
  const isRunning = kept?.container?.state === "running";
  return serving !== undefined && isRunning && (health === 200 || health === "unknown");
}

function headLine(one: ServerStatus, style: Style): string {
  const { server, serving, releases } = one;
  if (serving === undefined) return `${statusMark("fail", style)} ${server}  nothing serves`;
  const kept = releases.find(({ isServing }) => isServing);
  const image = kept?.record === undefined ? "" : ` (${kept.record.image})`;
  const container = kept?.container?.status ?? "its container is gone";
  const mark = statusMark(isWell(one) ? "pass" : "fail", style);
  return `${mark} ${server}  ${serving}${image}: ${container}, ${healthText(one)}`;
}

function healthText({ health }: ServerStatus): string {
  if (health === "unknown") return "its health path is not asked";
  return health === "nothing"
    ? "its health path does not answer"
    : `its health path answers ${health}`;
}

function restLines({ releases, state, holder, isOrphan }: ServerStatus): readonly string[] {
  const others = releases.filter(({ isServing }) => !isServing).map(({ id }) => id);
  const reason =
    state === undefined || state.reason === "" ? "" : `: ${printableLine(state.reason)}`;
  return [
    ...(others.length === 0 ? [] : [`    kept: ${others.join(", ")}`]),
    ...(holder === undefined ? [] : [`    at work: ${printableLine(holder)}`]),
    ...(isOrphan
      ? [
          `    the last deploy was broken off (${state?.phase ?? ""}); finish it: transship deploy --attach --to SERVER --app APP`,
        ]
      : state?.verdict === undefined
        ? []
        : [`    last: ${state.verb} ${state.release} ${state.verdict}${reason}`]),
  ];
}

export function statusDocument(
  servers: readonly ServerStatus[],
): Readonly<Record<string, unknown>> {
  return {
    servers: servers.map(({ serving = null, holder = null, state = null, ...rest }) => {
      return { ...rest, serving, holder, state };
    }),
  };
}

export function statusExit(servers: readonly ServerStatus[]): ExitCode {
  return servers.every(isWell) ? exitCodes.done : exitCodes.failed;
}

export function releasesText(servers: readonly ServerStatus[], style: Style): string {
  return servers
    .flatMap(({ server, releases }) => {
      const lines = releases.map((one) => releaseLine(one, style));
      return [server, ...(lines.length === 0 ? ["  none is kept"] : lines)];
    })
    .join("\n");
}

function releaseLine({ id, isServing, record, container }: KeptRelease, style: Style): string {
  const mark = isServing ? statusMark("pass", style) : " ";
  if (record === undefined) return `${mark} ${id}`;
  const { image, digest, who, createdAt } = record;
  const old = formatAge(Date.now() - Date.parse(createdAt));
  const how = container === undefined ? ", its container is gone" : "";
  return `${mark} ${id}  ${image} (${digest.slice(0, 19)}), ${old}, by ${printableLine(who)}${how}`;
}

export function releasesDocument(
  servers: readonly ServerStatus[],
): Readonly<Record<string, unknown>> {
  return { servers: servers.map(({ server, releases }) => ({ server, releases })) };
}
