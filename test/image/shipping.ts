/** Images to be shipped, and a store to ship them from. */
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { createContext } from "../../src/context.ts";
import type { Packing } from "../../src/filesystem/pack.ts";
import { type OpenImage, openImage } from "../../src/image/open.ts";
import { stow, type Stowed } from "../../src/image/shippable.ts";
import { parseSubject } from "../../src/image/subject.ts";
import type { Digest } from "../../src/oci/digest.ts";
import type { ReportEvent } from "../../src/process/report.ts";
import type { Task } from "../../src/process/task.ts";
import { displayName } from "../../src/store/named.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { temporaryDirectory } from "../directory.ts";
import { dockerFiles, imageOf, tarOf, type TestFiles } from "./image.ts";

export interface Dock {
  readonly store: Store;
  readonly events: readonly ReportEvent[];
  readonly stow: (opened: OpenImage, options?: StowingOptions) => Promise<Stowed>;
  readonly notes: () => readonly string[];
  readonly tasks: () => readonly Task[];
  readonly names: () => Promise<readonly string[]>;
  /** The files of blobs, and of what has not come to its end. */
  readonly files: () => Promise<{ readonly blobs: number; readonly incoming: number }>;
}

interface StowingOptions {
  readonly compression?: Packing;
  readonly signal?: AbortSignal;
}

/** A store in a cache directory of its own, or a second one of the same machine. */
export async function dockOf(
  t: TestContext,
  { cache, onEvent }: { cache?: string; onEvent?: (event: ReportEvent) => void } = {},
): Promise<Dock> {
  const env = { XDG_CACHE_HOME: cache ?? (await temporaryDirectory(t)) };
  const store = await openStore(path.join(await temporaryDirectory(t), "store"));
  const events: ReportEvent[] = [];
  const report = (event: ReportEvent) => {
    events.push(event);
    onEvent?.(event);
  };
  return {
    store,
    events,
    stow: async (opened, { compression = "gzip", signal = new AbortController().signal } = {}) =>
      await stow(opened, { store, compression }, { report, signal, env }),
    notes: () => events.flatMap((event) => (event.kind === "note" ? [event.text] : [])),
    tasks: () => events.flatMap((event) => (event.kind === "task" ? [event.task] : [])),
    names: async () => (await store.names()).map(displayName),
    async files() {
      const [blobs, incoming] = await Promise.all(
        ["blobs/sha256", ".incoming"].map(
          async (folder) => await readdir(path.join(store.directory, folder)).catch(() => []),
        ),
      );
      return { blobs: blobs?.length ?? 0, incoming: incoming?.length ?? 0 };
    },
  };
}

export interface WatchedImage {
  readonly opened: OpenImage;
  /** The blobs that were asked for as streams, in that order. */
  readonly asked: Digest[];
}

/** The image of that subject, open until the test has ended. */
export async function openWatched(t: TestContext, subject: string): Promise<WatchedImage> {
  const store = await temporaryDirectory(t);
  const opened = await openImage(parseSubject(subject), { store }, createContext());
  t.after(async () => await opened.close());
  const asked: Digest[] = [];
  const source: OpenImage["source"] = {
    read: async (descriptor) => await opened.source.read(descriptor),
    async open(descriptor) {
      asked.push(descriptor.digest);
      return await opened.source.open(descriptor);
    },
  };
  return { opened: { ...opened, source }, asked };
}

interface Saving {
  /** Replaces the DiffIDs in the config. */
  readonly diffIds?: readonly string[];
  /** Changes what is saved. */
  readonly changed?: (files: TestFiles) => TestFiles;
}

/** An image as an engine with the classic image store saves it: docker's own archive of plain layers. */
export async function savedImage(
  t: TestContext,
  layers: readonly TestFiles[],
  { diffIds, changed = (files) => files }: Saving = {},
): Promise<WatchedImage> {
  const image = await imageOf([{ layers, ...(diffIds === undefined ? {} : { diffIds }) }], "none");
  const files = await dockerFiles("legacy", { image });
  const file = path.join(await temporaryDirectory(t), "app.tar");
  await writeFile(file, await tarOf(changed(files)));
  return await openWatched(t, `docker-archive:${file}`);
}
