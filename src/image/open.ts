/** Opens a subject, wherever it is: a layout, an archive, the engine, the registry. */
import { speaksPlainHttp } from "../builder/registries.ts";
import type { Context } from "../context.ts";
import { findImage } from "../engine/images.ts";
import { hubMirrors } from "../engine/mirrors.ts";
import { fail } from "../errors.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import { registrySource } from "../registry/source.ts";
import { openFromArchive } from "./archive-image.ts";
import { openFromEngine } from "./engine-image.ts";
import { readImage } from "./image.ts";
import { openFromLayout } from "./layout-image.ts";
import type { OpenImage } from "./opened.ts";
import { formatSubject, type Subject } from "./subject.ts";

export type { OpenImage } from "./opened.ts";

export interface OpenOptions {
  /** The store's directory: what it has of the engine's images is read there. */
  readonly store: string;
}

/** @throws IMAGE_MISSING, IMAGE_UNNAMED, IMAGE_UNREADABLE, ARCHIVE_…, TEMPORARY_FULL, the engine's, the store's and the registry's errors */
export async function openImage(
  subject: Subject,
  { store }: OpenOptions,
  context: Context,
): Promise<OpenImage> {
  switch (subject.transport) {
    case "oci":
      return await openFromLayout(subject);
    case "oci-archive":
    case "docker-archive":
      return await openFromArchive(subject, context);
    case "docker":
      return await openFromRegistry(subject.reference, context);
    case "docker-daemon": {
      const name = formatSubject(subject);
      const found = await findImage(name, context.docker);
      if (found !== undefined) return await openFromEngine(subject, found, store, context);
      if (subject.elsewhere) return await openElsewhere(subject.reference, context);
      throw fail("IMAGE_MISSING", { image: name, where: "the engine" });
    }
  }
}

async function openFromRegistry(reference: Reference, context: Context): Promise<OpenImage> {
  const name = `docker://${familiarName(reference)}`;
  // As docker pulls: mirrors are Docker Hub's alone.
  const mirrors = reference.registry === "docker.io" ? await hubMirrors(context.docker) : [];
  const plainHttp = await speaksPlainHttp(reference.registry, context.env);
  const { source, root } = await registrySource(reference, context, { mirrors, plainHttp });
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
