/** An image of a layout on disk. */
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { type Layout, openLayout } from "../store/layout.ts";
import { choose } from "./choice.ts";
import { readImage } from "./image.ts";
import { candidateOf } from "./oci-archive.ts";
import type { OpenImage } from "./opened.ts";
import { formatSubject, type LayoutSubject } from "./subject.ts";

export async function openFromLayout(subject: LayoutSubject): Promise<OpenImage> {
  const layout = await openLayout(subject.directory);
  const name = formatSubject(subject);
  const root = subject.root ?? (await chosenRoot(layout, subject, name));
  return await openBelow(root, layout, { name, from: "layout" });
}

/** An image whose blobs stay where they are. */
export async function openBelow(
  root: Descriptor,
  layout: Layout,
  about: Pick<OpenImage, "name" | "from" | "engine">,
): Promise<OpenImage> {
  const image = await readImage(root, { source: layout, name: about.name });
  const file = (digest: Digest) => layout.path(digest);
  return { ...about, image, source: layout, file, close: async () => {} };
}

async function chosenRoot(
  layout: Layout,
  subject: LayoutSubject,
  name: string,
): Promise<Descriptor> {
  const entries = await layout.names();
  const where = `the layout ${subject.directory}`;
  const candidates = entries.map(({ descriptor }) => candidateOf(descriptor));
  return choose(candidates, subject, { subject: name, where });
}
