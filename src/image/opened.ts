/** An image that can be read, wherever it is. */
import type { EngineImage } from "../engine/images.ts";
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import type { Image } from "./image.ts";

export interface OpenImage {
  /** The subject as people write it. */
  readonly name: string;
  /** Where its bytes are read from. */
  readonly from: "store" | "layout" | "archive" | "engine" | "registry";
  readonly image: Image;
  readonly source: ContentSource;
  /** The engine's own words for it, where it is the engine's. */
  readonly engine?: EngineImage;
  /** The file of a blob, or the archive that it is in, where it has one that stays. */
  file(digest: Digest): string | undefined;
  close(): Promise<void>;
}

/** An image's root, and where what is below it is read from. */
export interface Root {
  readonly root: Descriptor;
  readonly source: ContentSource;
}
