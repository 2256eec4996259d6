/** What the engine's own BuildKit built on the classic image store: there is no way into a layout but out of the engine again. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { platformName } from "../image/image.ts";
import { openImage } from "../image/open.ts";
import { stowDocuments } from "../image/stowed-documents.ts";
import { stowLayers } from "../image/stowed-layers.ts";
import type { Descriptor } from "../oci/document.ts";
import { parseReference } from "../oci/reference.ts";
import type { Store } from "../store/store.ts";

/** The image of an engine without exporter: from the engine into the store, its layers compressed once. */
export async function storeFromEngine(
  tag: string,
  { store, name }: { readonly store: Store; readonly name: string },
  context: Context,
): Promise<Descriptor> {
  const started = performance.now();
  const subject = {
    transport: "docker-daemon",
    reference: parseReference(tag),
    elsewhere: false,
  } as const;
  const opened = await openImage(subject, { store: store.directory }, context);
  try {
    const { root: found, platforms } = opened.image;
    if (opened.from === "store") {
      await store.name(name, found);
      return found;
    }
    // What it tells of each layer would stand between the steps of the build.
    const quiet = { signal: context.signal, report: () => {} };
    const options = { store, packing: "gzip", env: context.env } as const;
    const { packed } = await stowLayers(opened, options, quiet);
    const { root } = await stowDocuments(opened, packed, store);
    const [platform] = platforms;
    if (root === undefined || platform === undefined)
      throw fail("IMAGE_UNREADABLE", { image: tag, problem: "it has no platform" });
    await store.name(name, root);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const text = `The engine's own BuildKit has no exporter for the store: ${platformName(platform)} was read back from the engine and compressed, which took ${seconds} s. transship setup makes a builder that saves this.`;
    context.report({ kind: "note", text });
    return root;
  } finally {
    await opened.close();
  }
}
