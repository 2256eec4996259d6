/** Where an image's bytes come from: a layout on disk, a registry, an engine. */
import type { Readable } from "node:stream";
import type { Descriptor } from "./document.ts";

export interface ContentSource {
  /** The whole of a small blob (index, manifest, config), held against its digest. */
  read(descriptor: Descriptor): Promise<Uint8Array>;
  /**
   * A blob as it comes; the stream fails at its end when size or digest differ. The memory of its chunks is the reader's,
   * who may overwrite it or give it back.
   */
  open(descriptor: Descriptor): Readable | Promise<Readable>;
}
