/** The result of `setup`, for people and for machines. */
import { formatPlatform } from "../platform/platform.ts";
import type { SetupResult } from "../setup/setup.ts";
import type { SetupCheck } from "../setup/check.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

/** One line a check, its fix below it, then what was done. */
export function setupText(result: SetupResult, style: Style): string {
  const width = Math.max(0, ...result.checks.map(({ id }) => id.length));
  const lines = result.checks.flatMap((check) => checkLines(check, width, style));
  return [...lines, conclusion(result)].join("\n");
}

function checkLines({ id, status, detail, fix }: SetupCheck, width: number, style: Style) {
  const line = `${statusMark(status, style)} ${id.padEnd(width)}  ${detail}`;
  return fix === undefined ? [line] : [line, `  ${" ".repeat(width)}  → ${fix}`];
}

function conclusion({ builder, outcome, steps, checks }: SetupResult): string {
  const failed = checks.filter(({ status }) => status === "fail").length;
  if (failed > 0) return `${failed} of ${checks.length} checks failed.`;
  switch (outcome) {
    case "unchanged":
      return checks.length === 0
        ? `There is no builder ${builder}: nothing to do.`
        : `The builder ${builder} is ready: nothing to do. Next: transship build`;
    case "changed":
      return `The builder ${builder} is ready (${steps.map(({ title }) => title).join("; ")}). Next: transship build`;
    case "engine":
      return "The engine's own BuildKit will build. Next: transship build --builder default";
    case "removed":
      return `The builder ${builder} is removed.`;
    case "planned":
      return "Nothing was changed (--dry-run).";
  }
}

export function setupDocument(result: SetupResult): Readonly<Record<string, unknown>> {
  return {
    builder: result.builder,
    outcome: result.outcome,
    steps: result.steps,
    checks: result.checks,
    nodes: result.nodes.map(({ native, failure, ...node }) => ({
      ...node,
      ...(native === undefined ? {} : { native: formatPlatform(native) }),
      ...(failure === undefined ? {} : { error: failure.code }),
    })),
    ...(result.cache === undefined ? {} : { cache: cacheDocument(result.cache) }),
    platforms: result.platforms.map(({ platform, outcome, emulator }) => ({
      platform: formatPlatform(platform),
      execution: outcome,
      ...(emulator === undefined ? {} : { emulator }),
    })),
  };
}

function cacheDocument({ total, reclaimable, limit }: NonNullable<SetupResult["cache"]>) {
  const bytes = { bytes: total, reclaimableBytes: reclaimable };
  return limit === undefined ? bytes : { ...bytes, limitBytes: limit };
}
