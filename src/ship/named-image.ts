/** An image by the name that people give it: the engine's, else the store's, else its registry's. */
import type { Context } from "../context.ts";
import { type ErrorCode, isFailure } from "../errors.ts";
import { openImage, type OpenImage } from "../image/open.ts";
import { formatSubject, storedSubject, type Subject } from "../image/subject.ts";
import { canonicalName } from "../oci/reference.ts";
import { openLayoutIfAny } from "../store/layout.ts";

/** What of an engine is no reason to leave alone what a build has left in the store. */
const withoutEngine: readonly ErrorCode[] = [
  "IMAGE_MISSING",
  "DOCKER_MISSING",
  "ENGINE_UNREACHABLE",
  "ENGINE_PERMISSION_DENIED",
];

/** Opens it; a build that did not load its image has left it in the store alone. @throws as {@link openImage} */
export async function openNamed(
  subject: Subject,
  store: string,
  context: Context,
): Promise<OpenImage> {
  if (subject.transport !== "docker-daemon") return await openImage(subject, { store }, context);
  const layout = await openLayoutIfAny(store).catch(() => undefined);
  const root = await layout?.find(canonicalName(subject.reference)).catch(() => undefined);
  if (layout === undefined || root === undefined)
    return await openImage(subject, { store }, context);
  try {
    return await openImage({ ...subject, elsewhere: false }, { store }, context);
  } catch (error) {
    if (!isFailure(error, ...withoutEngine)) throw error;
    context.report({ kind: "detail", text: `${error.message} So it is read from the store.` });
    const opened = await openImage(storedSubject(layout.directory, root), { store }, context);
    return { ...opened, name: formatSubject(subject), from: "store" };
  }
}
