/** What setup says of nodes and of the cache. */
import type { CacheUsage } from "../engine/cache-usage.ts";
import { formatSize } from "../oci/size.ts";
import { runsNatively } from "../platform/machine.ts";
import { formatPlatform, readPlatform } from "../platform/platform.ts";
import type { SetupCheck } from "./check.ts";
import type { SetupNode } from "./node.ts";

/** One check a node, where there are several; of a single one the builder's own check says all. */
export function nodeChecks(
  nodes: readonly SetupNode[],
  { isForeign }: { readonly isForeign: boolean },
): readonly SetupCheck[] {
  return nodes.length < 2 ? [] : nodes.map((node, n) => nodeCheck(node, n > 0 && !isForeign));
}

function nodeCheck(node: SetupNode, isRemovable: boolean): SetupCheck {
  const id = "node";
  const { name, endpoint, native, failure, status } = node;
  if (failure !== undefined) {
    const without = isRemovable ? `; or without it: transship setup --remove-node ${name}` : "";
    const hint = failure.hint.split("; to go on without")[0] ?? "";
    const fix = `${hint}${without}`;
    return { id, status: "fail", detail: `${name} (${endpoint}): ${failure.message}`, fix };
  }
  const machine = native === undefined ? "" : `, a machine of ${formatPlatform(native)}`;
  const detail = `${name} (${endpoint}${machine}) builds ${listed(node)}`;
  if (status !== "running") {
    const fix = "Start it: docker buildx inspect --bootstrap (or transship setup)";
    return { id, status: "fail", detail: `${name} (${endpoint}) is ${status}`, fix };
  }
  const emulated = foreignTo(node);
  if (emulated.length === 0) return { id, status: "pass", detail };
  return {
    id,
    status: "warn",
    detail: `${detail}; ${emulated.join(" and ")} with an emulator`,
    fix: "Fix to a node what its machine runs: transship setup --node ENDPOINT,platform=PLATFORM",
  };
}

/** Those that it is fixed to, or all that it offers where it is fixed to none. */
function listed({ platforms, offered }: SetupNode): string {
  if (platforms.length > 0) return platforms.join(", ");
  return offered.length > 0 ? `${offered.join(", ")} where no other does` : "nothing by itself";
}

function foreignTo({ platforms, native }: SetupNode): readonly string[] {
  if (native === undefined) return [];
  return platforms.filter((text) => {
    const platform = readPlatform(text);
    return platform !== undefined && !runsNatively(platform, native);
  });
}

export interface BuilderCache extends CacheUsage {
  /** Bytes that the rules of its nodes keep it below, together; absent where not all of them say it. */
  readonly limit?: number;
}

/** How much the builder's cache holds, and what its BuildKit keeps it below. */
export function cacheCheck(cache: BuilderCache | undefined): SetupCheck {
  const id = "cache";
  if (cache === undefined) {
    return { id, status: "skip", detail: "the builder does not say how much its cache holds" };
  }
  const { total, reclaimable, limit } = cache;
  const most = limit === undefined ? "" : `, kept below ${formatSize(limit)}`;
  const free = `${formatSize(reclaimable)} of it not in use`;
  return { id, status: "pass", detail: `${formatSize(total)} (${free})${most}` };
}
