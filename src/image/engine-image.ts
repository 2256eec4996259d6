/** The engine's image: read from the store where that has the very image, else as the engine saves it. */
import { tmpdir } from "node:os";
import type { Context } from "../context.ts";
import { dockerError } from "../engine/docker.ts";
import { type EngineImage, saveImageArgs } from "../engine/images.ts";
import { fail, isFailure } from "../errors.ts";
import { canonicalName } from "../oci/reference.ts";
import { type Layout, openLayout } from "../store/layout.ts";
import { type Archive, openSpooled } from "./archive.ts";
import { dockerItems, openItem } from "./docker-archive.ts";
import { readImage } from "./image.ts";
import { openBelow } from "./layout-image.ts";
import { blobSource, layoutEntries } from "./oci-archive.ts";
import type { OpenImage, Root } from "./opened.ts";
import { needSpace } from "./spool.ts";
import { findStored } from "./stored.ts";
import { type EngineSubject, formatSubject } from "./subject.ts";

const saveDeadlineMs = 30 * 60_000;

export async function openFromEngine(
  subject: EngineSubject,
  engine: EngineImage,
  store: string,
  context: Context,
): Promise<OpenImage> {
  const name = formatSubject(subject);
  const layout = await openLayout(store).catch(() => undefined);
  const stored = layout && (await openStored(layout, subject, engine).catch(passDamaged(context)));
  return stored ?? (await openSaved(name, engine, context));
}

/** The store's copy of it; `undefined` where it has none, or not all of it. */
async function openStored(
  layout: Layout,
  subject: EngineSubject,
  engine: EngineImage,
): Promise<OpenImage | undefined> {
  const root = await findStored(layout, engine.id, canonicalName(subject.reference));
  if (root === undefined) return undefined;
  const name = formatSubject(subject);
  const opened = await openBelow(root, layout, { name, from: "store", engine });
  const layers = opened.image.platforms.flatMap(({ manifest }) => manifest.layers);
  const present = await Promise.all(
    layers.map(async ({ digest, size }) => await layout.has(digest, size)),
  );
  return present.every(Boolean) ? opened : undefined;
}

/** What the store lost, or what was written into it, the engine still has. */
function passDamaged({ report }: Context): (error: unknown) => undefined {
  return (error) => {
    const isOfStore = isFailure(error) && /^(?:STORE_|IMAGE_UNREADABLE)/.test(error.code);
    if (!isOfStore) throw error;
    report({ kind: "detail", text: `${error.message} So the engine is asked.` });
  };
}

/** An image that the store does not have is saved into a directory of its own, gone when it is closed. */
async function openSaved(name: string, engine: EngineImage, context: Context): Promise<OpenImage> {
  const { report } = context;
  report({ kind: "detail", text: `${name} is not in the store: docker saves it to be read` });
  // What the engine counts is never more than what it writes.
  await needSpace(engine.size, tmpdir());
  const archive = await saveArchive(name, engine, context);
  try {
    const { root, source } = await savedRoot(archive, engine, name);
    const image = await readImage(root, { source, name, mayLack: true });
    for (const { platform } of image.absent) {
      const text = `${name} lists ${platform?.os ?? ""}/${platform?.architecture ?? ""}, which the engine does not hold: not looked at.`;
      report({ kind: "note", text });
    }
    const close = async () => await archive.close();
    return { name, from: "engine", image, source, engine, file: () => undefined, close };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/** @throws TEMPORARY_FULL, ARCHIVE_UNREADABLE, the engine's errors, the signal's reason */
async function saveArchive(
  name: string,
  { id }: EngineImage,
  { docker, signal }: Context,
): Promise<Archive> {
  // The very image that was found: its name may have moved to another one.
  const saving = await docker.stream(saveImageArgs(id), { deadlineMs: saveDeadlineMs });
  let archive: Archive | undefined;
  try {
    archive = await openSpooled(saving.stdout, name, signal);
    const finished = await saving.finished;
    if (finished.exitCode !== 0) throw dockerError(finished);
    return archive;
  } catch (error) {
    await archive?.close();
    // Where docker failed, what came of it is no archive, and docker's own words tell why.
    if (!isFailure(error, "ARCHIVE_UNREADABLE")) throw error;
    const finished = await saving.finished;
    throw finished.exitCode === 0 ? error : dockerError(finished);
  }
}

/**
 * containerd's image store saves a layout whose index lists what the engine's ID is the digest of. Of the classic one the ID is a
 * config's digest, and only docker's own `manifest.json` tells its layers in each version.
 */
async function savedRoot(archive: Archive, { id }: EngineImage, name: string): Promise<Root> {
  const entries = archive.has("index.json") ? await layoutEntries(archive) : [];
  const root = entries.find(({ digest }) => digest === id);
  if (root !== undefined) return { root, source: blobSource(archive) };
  const [item, another] = await dockerItems(archive);
  if (item !== undefined && another === undefined) return await openItem(archive, item, name);
  const problem = "the engine saved another number of images than one";
  throw fail("IMAGE_UNREADABLE", { image: name, problem });
}
