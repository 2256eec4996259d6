/** What went from servers, for people and for machines. */
import type { Pruned } from "../deploy/prune.ts";

export function prunedText(servers: readonly Pruned[], isPlanned: boolean): string {
  const lines = servers.map(({ server, releases, containers }) => {
    const all = [
      ...releases.map((id) => `release ${id}`),
      ...containers.map((name) => `container ${name}`),
    ];
    if (all.length === 0) return `${server}: nothing to remove`;
    return `${server}: ${isPlanned ? "would remove" : "removed"} ${all.join(", ")}`;
  });
  return lines.join("\n");
}

export function prunedDocument(servers: readonly Pruned[]): Readonly<Record<string, unknown>> {
  return { servers };
}
