/** Opens a subject, wherever it is: the layout on disk, the engine, the registry. */
import type { Context } from "../context.ts";
import { dockerError } from "../engine/docker.ts";
import { type EngineImage, findImage, saveImageArgs } from "../engine/images.ts";
import { hubMirrors } from "../engine/mirrors.ts";
import { fail } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { canonicalName, familiarName, type Reference } from "../oci/reference.ts";
import type { ContentSource } from "../oci/source.ts";
import { makeTemporaryDirectory, removeDirectory } from "../process/temporary.ts";
import { registrySource } from "../registry/source.ts";
import { type Layout, openLayout } from "../store/layout.ts";
import { unpackLayout } from "./archive.ts";
import { type Image, readImage } from "./image.ts";
import { findStored } from "./stored.ts";
import { formatSubject, type Subject } from "./subject.ts";

export interface OpenImage {
  /** The subject as people write it. */
  readonly name: string;
  /** Where its bytes are read from. */
  readonly from: "store" | "layout" | "engine" | "registry";
  readonly image: Image;
  readonly source: ContentSource;
  /** The engine's own words for it, where it is the engine's. */
  readonly engine?: EngineImage;
  /** The file of a blob, where it has one that stays. */
  file(digest: Digest): string | undefined;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** The store's directory: what it has of the engine's images is read there. */
  readonly store: string;
}

const saveDeadlineMs = 30 * 60_000;

/** @throws IMAGE_MISSING, IMAGE_UNREADABLE, the engine's, the store's and the registry's errors */
export async function openImage(
  subject: Subject,
  options: OpenOptions,
  context: Context,
): Promise<OpenImage> {
  switch (subject.transport) {
    case "oci":
      return await openFromLayout(subject);
    case "docker":
      return await openFromRegistry(subject.reference, context);
    case "docker-daemon": {
      const { reference } = subject;
      const found = await findImage(familiarName(reference), context.docker);
      if (found !== undefined) return await openFromEngine(reference, found, options, context);
      if (subject.elsewhere) return await openElsewhere(reference, context);
      throw fail("IMAGE_MISSING", { image: familiarName(reference), where: "the engine" });
    }
  }
}

async function openFromLayout(
  subject: Subject & { readonly transport: "oci" },
): Promise<OpenImage> {
  const layout = await openLayout(subject.directory);
  const name = formatSubject(subject);
  const root = subject.root ?? (await namedRoot(layout, subject.name));
  if (root === undefined) {
    throw fail("IMAGE_MISSING", { image: name, where: "that layout" });
  }
  return await openBelow(root, layout, { name, from: "layout" });
}

/** An image whose blobs stay where they are. */
async function openBelow(
  root: Descriptor,
  layout: Layout,
  about: Pick<OpenImage, "name" | "from" | "engine">,
): Promise<OpenImage> {
  const image = await readImage(root, { source: layout, name: about.name });
  const file = (digest: Digest) => layout.path(digest);
  return { ...about, image, source: layout, file, close: async () => {} };
}

/** The image of that name, or the only one. */
async function namedRoot(
  layout: Layout,
  name: string | undefined,
): Promise<Descriptor | undefined> {
  if (name !== undefined) return await layout.find(name);
  const entries = await layout.names();
  return entries.length === 1 ? entries[0]?.descriptor : undefined;
}

async function openFromEngine(
  reference: Reference,
  engine: EngineImage,
  { store }: OpenOptions,
  context: Context,
): Promise<OpenImage> {
  const name = familiarName(reference);
  const layout = await openLayout(store).catch(() => undefined);
  const root = layout && (await findStored(layout, engine.id, canonicalName(reference)));
  if (layout !== undefined && root !== undefined) {
    return await openBelow(root, layout, { name, from: "store", engine });
  }
  return await openSaved(name, engine, context);
}

/** An image that the store does not have is saved into a directory of its own, gone when it is closed. */
async function openSaved(name: string, engine: EngineImage, context: Context): Promise<OpenImage> {
  const { docker, signal, report } = context;
  report({ kind: "detail", text: `${name} is not in the store: docker saves it to be read` });
  const directory = await makeTemporaryDirectory("image");
  const close = async () => await removeDirectory(directory);
  try {
    const saving = await docker.stream(saveImageArgs(name), { deadlineMs: saveDeadlineMs });
    await unpackLayout(saving.stdout, directory, signal);
    const finished = await saving.finished;
    if (finished.exitCode !== 0) throw dockerError(finished);
    const layout = await openLayout(directory);
    const root = await namedRoot(layout, undefined);
    if (root === undefined) {
      const problem = "the engine saved another number of images than one";
      throw fail("IMAGE_UNREADABLE", { image: name, problem });
    }
    const image = await readImage(root, { source: layout, name, mayLack: true });
    for (const { platform } of image.absent) {
      const text = `${name} lists ${platform?.os ?? ""}/${platform?.architecture ?? ""}, which the engine does not hold: not looked at.`;
      report({ kind: "note", text });
    }
    return { name, from: "engine", image, source: layout, engine, file: () => undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openFromRegistry(reference: Reference, context: Context): Promise<OpenImage> {
  const name = `docker://${familiarName(reference)}`;
  // As docker pulls: mirrors are Docker Hub's alone.
  const mirrors = reference.registry === "docker.io" ? await hubMirrors(context.docker) : [];
  const { source, root } = await registrySource(reference, context, { mirrors });
  if (root === undefined) {
    throw fail("IMAGE_MISSING", {
      image: familiarName(reference),
      where: `the registry ${reference.registry}`,
    });
  }
  const image = await readImage(root, { source, name });
  return { name, from: "registry", image, source, file: () => undefined, close: async () => {} };
}

/** A bare name that the engine does not know is asked for at its registry; where that fails, both are said. */
async function openElsewhere(reference: Reference, context: Context): Promise<OpenImage> {
  context.report({
    kind: "note",
    text: `The engine has no ${familiarName(reference)}; asking its registry ${reference.registry}.`,
  });
  try {
    return await openFromRegistry(reference, context);
  } catch (error) {
    if (context.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    context.report({ kind: "detail", text: reason });
    const where = `the engine, and none at its registry ${reference.registry}`;
    throw fail("IMAGE_MISSING", { image: familiarName(reference), where }, { cause: error });
  }
}
