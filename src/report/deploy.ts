/** The result of `deploy`, for people and for machines. */
import type { DeployResult, ServerDeploy, ServerRelease } from "../deploy/deploy.ts";
import type { AppOutcome } from "../deploy/deploy-all.ts";
import type { RollbackResult } from "../deploy/rollback.ts";
import { serverFlagsText } from "../process/ssh-target.ts";
import { type ExitCode, exitCodes } from "../errors.ts";
import { statusMark } from "./mark.ts";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";

type Done = Extract<ServerDeploy, { readonly kind: "done" }>;

/** A line a server, the checks of one that failed below it; a mixed state is told as one. */
function deployText({ app, servers }: Pick<DeployResult, "app" | "servers">, style: Style): string {
  const width = Math.max(...servers.map(({ server }) => server.length));
  const lines = servers.flatMap((one) => [
    `${mark(one, style)} ${one.server.padEnd(width)}  ${tail(one)}`,
    ...(one.kind === "done" ? checkLines(one, style) : []),
  ]);
  const [only, another] = servers;
  if (another !== undefined) return [...lines, mixedLine(servers, style)].join("\n");
  return [...lines, ...nextLines(app, only)].join("\n");
}

function mark(one: ServerDeploy, style: Style): string {
  if (one.kind === "failed") return statusMark("fail", style);
  if (one.kind === "untouched") return statusMark("skip", style);
  return statusMark(isGood(one) ? "pass" : "fail", style);
}

function isGood({ outcome }: Pick<ServerRelease, "outcome">): boolean {
  return outcome === "deployed" || outcome === "unchanged";
}

function tail(one: ServerDeploy): string {
  if (one.kind === "failed") return `failed: ${one.error.code}`;
  if (one.kind === "untouched") return "nothing was done there";
  const { outcome, release, reason = "", serving, gapMs, backMs } = one;
  const why = printableLine(reason);
  const gap = gapMs === undefined ? "" : `, ${gapMs} ms without an answer`;
  const still = serving === undefined ? "nothing serves" : `${serving} serves`;
  switch (outcome) {
    case "deployed":
      return `${release} serves${gap}`;
    case "unchanged":
      return `${release} serves already`;
    case "failed":
      return `${release} did not get the traffic: ${why}; ${still}`;
    case "rolled-back": {
      const back = backMs === undefined ? "" : `, ${backMs} ms after the first bad answer`;
      const again =
        serving === undefined ? "nothing served before" : `${serving} serves again${back}`;
      return `${release} was undone: ${why}; ${again}`;
    }
    case "rollback-failed":
      return `${release} was undone, and nothing serves: ${why}`;
  }
}

function checkLines({ checks, outcome }: Done, style: Style): readonly string[] {
  if (outcome === "unchanged") return [];
  return checks.map(
    ({ id, status, detail }) => `    ${statusMark(status, style)} ${id}: ${printableLine(detail)}`,
  );
}

function mixedLine(servers: readonly ServerDeploy[], style: Style): string {
  const good = servers.filter((one) => one.kind === "done" && isGood(one)).length;
  const line = `${good} of ${servers.length} servers have the release.`;
  return good === servers.length ? line : style("red", line);
}

function nextLines(app: string, one: ServerDeploy | undefined): readonly string[] {
  if (one?.kind === "untouched") return ["Nothing was done (--dry-run)."];
  if (one?.kind !== "done") return [];
  if (!isGood(one))
    return [`Next: ssh ${one.server} docker ps --filter label=dev.transship.app=${app}`];
  return one.previous === undefined
    ? []
    : [`To go back: transship rollback --app ${app} --to ${serverFlagsText(one.target)}`];
}

/** Of one server its keys stand at the top as well. */
function deployDocument({
  app,
  digest,
  release,
  servers,
}: Pick<DeployResult, "app" | "servers"> & Partial<DeployResult>): Readonly<
  Record<string, unknown>
> {
  const [only, another] = servers;
  const one = another === undefined && only?.kind === "done" ? only : undefined;
  return {
    app,
    outcome: overall(servers),
    release: release ?? one?.release ?? null,
    previous: one?.previous ?? null,
    digest: digest ?? null,
    gapMs: one?.gapMs ?? null,
    checks: one?.checks ?? [],
    servers: servers.map(serverDocument),
  };
}

function overall(servers: readonly ServerDeploy[]): string {
  const outcomes = new Set(servers.map((one) => (one.kind === "done" ? one.outcome : one.kind)));
  const [first = "failed", another] = outcomes;
  if (another === undefined) return first;
  return outcomes.has("rollback-failed") ? "rollback-failed" : "mixed";
}

function serverDocument(one: ServerDeploy): Readonly<Record<string, unknown>> {
  if (one.kind === "untouched") return { server: one.server, outcome: "untouched" };
  if (one.kind === "failed") {
    const { code, message, hint, facts } = one.error;
    return { server: one.server, outcome: "failed", error: { code, message, hint, facts } };
  }
  const {
    kind: _kind,
    target: _target,
    previous = null,
    serving = null,
    gapMs = null,
    backMs = null,
    ...rest
  } = one;
  return { ...rest, previous, serving, gapMs, backMs };
}

const outcomeCodes: Readonly<Record<ServerRelease["outcome"], ExitCode>> = {
  deployed: exitCodes.done,
  unchanged: exitCodes.done,
  failed: exitCodes.failed,
  "rolled-back": exitCodes.undone,
  "rollback-failed": exitCodes.rollbackFailed,
};

/** The worst of its servers'. */
export function deployExit({ servers }: Pick<DeployResult, "servers">): ExitCode {
  const codes = servers.map((one): ExitCode => {
    if (one.kind === "untouched") return exitCodes.done;
    return one.kind === "failed" ? one.error.exitCode : outcomeCodes[one.outcome];
  });
  return codes.toSorted((one, other) => other - one)[0] ?? exitCodes.done;
}

/** Of one app as of `deploy`; of several each under its name. */
export function deploysText(outcomes: readonly AppOutcome[], style: Style): string {
  const [only, another] = outcomes;
  if (another === undefined && only?.kind === "done") return deployText(only.result, style);
  return outcomes
    .flatMap((one) => {
      if (one.kind === "done") return [one.app, deployText(one.result, style)];
      if (one.kind === "skipped") return [`${statusMark("skip", style)} ${one.app}: not begun`];
      const { code, message, hint } = one.error;
      return [`${statusMark("fail", style)} ${one.app}: ${code}: ${message}`, `  → ${hint}`];
    })
    .join("\n");
}

/** Of one app its keys stand at the top. */
export function deploysDocument(
  outcomes: readonly AppOutcome[],
): Readonly<Record<string, unknown>> {
  const [only, another] = outcomes;
  if (another === undefined && only?.kind === "done") return deployDocument(only.result);
  return {
    apps: outcomes.map((one) => {
      if (one.kind === "done") return deployDocument(one.result);
      if (one.kind === "skipped") return { app: one.app, outcome: "skipped" };
      const { code, message, hint, facts } = one.error;
      return { app: one.app, outcome: "failed", error: { code, message, hint, facts } };
    }),
  };
}

/** The worst of its apps'. */
export function deploysExit(outcomes: readonly AppOutcome[]): ExitCode {
  const codes = outcomes.map((one): ExitCode => {
    if (one.kind === "skipped") return exitCodes.done;
    return one.kind === "failed" ? one.error.exitCode : deployExit(one.result);
  });
  return codes.toSorted((one, other) => other - one)[0] ?? exitCodes.done;
}

/** Of `rollback`, which has no image to tell of. */
export function releaseText(result: RollbackResult, style: Style): string {
  return deployText(result, style);
}

export function releaseDocument(result: RollbackResult): Readonly<Record<string, unknown>> {
  const { digest: _digest, ...rest } = deployDocument(result);
  return rest;
}

export function releaseExit(result: RollbackResult): ExitCode {
  return deployExit(result);
}
