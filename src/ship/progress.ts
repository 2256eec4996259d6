/** The layers of one shipment as tasks: waiting, sent, unpacked there. */
import type { TarFile } from "../filesystem/tarball.ts";
import { type Digest, digestFromHex, shortDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { formatSize } from "../oci/size.ts";
import type { Report } from "../process/report.ts";
import type { Task } from "../process/task.ts";

export interface Progress {
  /** So many bytes more were sent, and a layer has come up to that place. */
  readonly sent: (digest: Digest, bytes: number, upTo: number) => void;
  /** A layer has arrived. */
  done(digest: Digest): void;
  /** What docker's own line says of a layer: `2b187104e62e: Pull complete`. */
  line(line: string): void;
  /** All is over: each layer is done, or `error` says why it is not. */
  end(error?: string): void;
  /** Bytes that were sent, configs and what was sent twice among them. */
  readonly bytes: number;
  /** The layers of which anything was sent; remote ones that docker says it has downloaded. */
  readonly layers: ReadonlySet<Digest>;
}

export interface ProgressOptions {
  readonly missing: readonly Descriptor[];
  /** In front of each title, where it is not alone: the server, or the registry. */
  readonly place?: string;
  /** Its bytes do not come from here: docker's lines alone tell of them. Default false. */
  readonly isRemote?: boolean;
  /** The number of its first task. */
  readonly from: number;
  readonly report: Report;
}

/** How often a layer that is under way is told of, in milliseconds. */
const everyMs = 100;

interface Row {
  readonly number: number;
  readonly layer: Descriptor;
  state: Task["state"];
  upTo: number;
  startedAt: number;
  toldAt: number;
}

export function trackLayers(options: ProgressOptions): Progress {
  const { missing, report, from, isRemote = false } = options;
  const rows = new Map<Digest, Row>();
  for (const layer of missing) {
    const row: Row = {
      number: from + rows.size,
      layer,
      state: "waiting",
      upTo: 0,
      startedAt: performance.now(),
      toldAt: 0,
    };
    rows.set(layer.digest, row);
  }
  const byShort = new Map([...rows.values()].map((row) => [shortDigest(row.layer.digest), row]));
  const prefix = options.place === undefined ? "" : `${options.place}: `;
  const tell = (row: Row, error?: string) => {
    const { number, layer, state, upTo, startedAt } = row;
    row.toldAt = performance.now();
    const task: Task = {
      number,
      title: `${prefix}layer ${shortDigest(layer.digest)}, ${formatSize(layer.size)}`,
      state,
      isMain: true,
      ms: state === "cached" ? 0 : row.toldAt - startedAt,
      ...(isRemote ? {} : { bytes: { current: upTo, total: layer.size } }),
      ...(error === undefined ? {} : { error }),
    };
    report({ kind: "task", task });
  };
  const settle = (row: Row, state: Task["state"], error?: string) => {
    if (row.state === state) return;
    row.state = state;
    tell(row, error);
  };
  const layers = new Set<Digest>();
  let total = 0;
  return {
    sent(digest, bytes, upTo) {
      total += bytes;
      const row = rows.get(digest);
      if (row === undefined) return;
      layers.add(digest);
      row.upTo = Math.max(row.upTo, upTo);
      if (row.state !== "running") {
        row.startedAt = performance.now();
        settle(row, "running");
      } else if (performance.now() - row.toldAt >= everyMs) tell(row);
    },
    done(digest) {
      const row = rows.get(digest);
      if (row !== undefined) settle(row, row.state === "running" ? "done" : "cached");
    },
    line(line) {
      const [, short = "", words = ""] = /^([0-9a-f]{12}): (.+)$/.exec(line.trim()) ?? [];
      const row = byShort.get(short);
      if (row === undefined) return;
      if (words === "Already exists") settle(row, "cached");
      else if (words === "Pull complete") {
        // Of a small layer docker may say nothing else.
        if (isRemote) layers.add(row.layer.digest);
        if (isRemote || row.state === "running") settle(row, "done");
      } else if (isRemote && words === "Download complete") layers.add(row.layer.digest);
      else if (isRemote && words === "Pulling fs layer" && row.state === "waiting") {
        row.startedAt = performance.now();
        settle(row, "running");
      }
    },
    end(error) {
      for (const row of rows.values()) {
        if (row.state === "running") settle(row, error === undefined ? "done" : "failed", error);
        else if (row.state === "waiting") settle(row, error === undefined ? "cached" : "cancelled");
      }
    },
    get bytes() {
      return total;
    },
    layers,
  };
}

/** A file of an archive whose bytes are told as they go; those of blobs are called by their digest. */
export function countedFile(
  file: TarFile,
  { sent, done }: { sent: Progress["sent"]; done?: (digest: Digest) => void },
): TarFile {
  const [, hex] = /([0-9a-f]{64})(?:\.tar|\.json)?$/.exec(file.name) ?? [];
  if (hex === undefined) return file;
  const digest = digestFromHex(hex);
  return {
    ...file,
    async *open() {
      let place = 0;
      for await (const chunk of file.open()) {
        place += chunk.byteLength;
        sent(digest, chunk.byteLength, place);
        yield chunk;
      }
      done?.(digest);
    },
  };
}
