/** An image in an archive, read in place. */
import path from "node:path";
import type { Context } from "../context.ts";
import { openArchive } from "./archive.ts";
import { openDockerArchive } from "./docker-archive.ts";
import { readImage } from "./image.ts";
import { openOciArchive } from "./oci-archive.ts";
import type { OpenImage } from "./opened.ts";
import { type ArchiveSubject, formatSubject } from "./subject.ts";

export async function openFromArchive(
  subject: ArchiveSubject,
  { signal }: Pick<Context, "signal">,
): Promise<OpenImage> {
  const name = formatSubject(subject);
  const archive = await openArchive(subject.file, signal);
  try {
    const isLayout =
      subject.transport === "oci-archive" &&
      (subject.mayBeDockers !== true || archive.has("index.json"));
    const open = isLayout ? openOciArchive : openDockerArchive;
    const { root, source } = await open(archive, subject, name);
    const image = await readImage(root, { source, name });
    const file = path.resolve(subject.file);
    const close = async () => await archive.close();
    return { name, from: "archive", image, source, file: () => file, close };
  } catch (error) {
    await archive.close();
    throw error;
  }
}
