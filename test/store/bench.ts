/** A store to be pruned, and what a test asks of it. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { createContext } from "../../src/context.ts";
import { hexOf } from "../../src/oci/digest.ts";
import type { Descriptor } from "../../src/oci/document.ts";
import type { ReportEvent } from "../../src/process/report.ts";
import { openLayout } from "../../src/store/layout.ts";
import { listStore, type StoreListing } from "../../src/store/list.ts";
import { displayName } from "../../src/store/named.ts";
import { type PruneOptions, type PruneResult, pruneStore } from "../../src/store/prune.ts";
import { temporaryDirectory } from "../directory.ts";
import { day, type TestBuild, writeStore } from "./fixture.ts";

export interface Bench {
  readonly store: string;
  /** The directory of facts. */
  readonly facts: string;
  readonly events: readonly ReportEvent[];
  readonly prune: (options?: PruneOptions, signal?: AbortSignal) => Promise<PruneResult>;
  readonly list: () => Promise<StoreListing>;
  readonly names: () => Promise<readonly string[]>;
  /** How many blobs of that build are there. */
  readonly present: (build: TestBuild) => Promise<number>;
}

interface BenchOptions {
  readonly ageMs?: number;
  readonly onEvent?: (event: ReportEvent) => void;
}

/** A store in a cache directory of its own, its blobs a day old where no age is given. */
export async function benchOf(
  t: TestContext,
  entries: readonly Descriptor[],
  builds: readonly TestBuild[],
  { ageMs = day, onEvent }: BenchOptions = {},
): Promise<Bench> {
  const cache = await temporaryDirectory(t);
  const store = path.join(cache, "transship", "store");
  await writeStore(store, entries, builds, ageMs);
  const events: ReportEvent[] = [];
  const report = (event: ReportEvent) => {
    events.push(event);
    onEvent?.(event);
  };
  const env = { XDG_CACHE_HOME: cache };
  return {
    store,
    facts: path.join(cache, "transship", "facts"),
    events,
    prune: async (options = {}, signal = new AbortController().signal) =>
      await pruneStore({ store, ...options }, createContext({ env, report, signal })),
    list: async () => await listStore({ store }, createContext({ env, report })),
    names: async () => (await (await openLayout(store)).names()).map(displayName),
    async present({ blobs }) {
      const there = await readdir(path.join(store, "blobs", "sha256"));
      return blobs.filter(({ descriptor }) => there.includes(hexOf(descriptor.digest))).length;
    },
  };
}
