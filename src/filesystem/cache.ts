/**
 * Facts of layers, kept by digest so that a base layer is read once a machine: `<directory>/<hex of the digest>.json`.
 * A file begins with the checksum of what follows, so one that is cut short or was changed is read anew, never believed.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { digestOf, hexOf, isDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import type { Entry } from "./entry.ts";
import { type LayerFacts, readLayer } from "./layer.ts";

/** Goes up when facts are gathered otherwise. */
const version = 1;

const row = z.tuple([
  z.string(),
  z.enum(["file", "directory", "symlink", "link", "other"]),
  z.number(),
  z.number(),
  z.string().nullable(),
  z.string().nullable(),
]);

const document = z.object({
  version: z.literal(version),
  /** The blob's file as it was when it was read whole; another one is read again. */
  seen: z.string(),
  diffId: z.string().refine(isDigest),
  bytes: z.number(),
  entries: z.array(row),
});

export interface FactsOptions {
  readonly source: ContentSource;
  /** Where facts are kept. */
  readonly directory: string;
  /** The blob's own file, where it has one: its bytes are read again when the file has changed. */
  readonly file?: string;
  readonly signal: AbortSignal;
}

/** What is known of a layer: from the cache, else by reading it. @throws what {@link readLayer} throws */
export async function layerFacts(layer: Descriptor, options: FactsOptions): Promise<LayerFacts> {
  const { directory, file, source, signal } = options;
  const kept = path.join(directory, `${hexOf(layer.digest)}.json`);
  const seen = file === undefined ? "" : await identityOf(file);
  const known = await readFacts(kept, seen);
  if (known !== undefined) return known;
  const facts = await readLayer(layer, source, signal);
  await keep(kept, render(facts, seen));
  return facts;
}

/** Device, inode, size and both times: what changes when somebody writes into a file or puts another in its place. */
async function identityOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(":");
  } catch {
    return "missing";
  }
}

async function readFacts(file: string, seen: string): Promise<LayerFacts | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const end = text.indexOf("\n");
  if (end === -1 || text.slice(0, end) !== digestOf(text.slice(end + 1))) return undefined;
  const read = document.safeParse(JSON.parse(text.slice(end + 1)));
  if (!read.success || read.data.seen !== seen) return undefined;
  const { diffId, bytes, entries } = read.data;
  return { diffId, bytes, entries: entries.map(readRow) };
}

function render({ diffId, bytes, entries }: LayerFacts, seen: string): string {
  const body = JSON.stringify({ version, seen, diffId, bytes, entries: entries.map(writeRow) });
  return `${digestOf(body)}\n${body}`;
}

function writeRow({ path: name, type, mode, size, target, head }: Entry): z.infer<typeof row> {
  const first = head === undefined ? null : Buffer.from(head).toString("base64");
  return [name, type, mode, size, target ?? null, first];
}

function readRow([name, type, mode, size, target, head]: z.infer<typeof row>): Entry {
  return {
    path: name,
    type,
    mode,
    size,
    ...(target === null ? {} : { target }),
    ...(head === null ? {} : { head: Buffer.from(head, "base64") }),
  };
}

/** A cache that cannot be written costs time, and nothing else. */
async function keep(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true }).catch(() => {});
  }
}
