/** Each layer unpacks to the bytes that the config names. */
import type { Rule } from "./rule.ts";

export const layerDiffId: Rule = {
  id: "layer-diff-id",
  title: "A layer unpacks to other bytes than the config names",
  what: "Compares the SHA-256 of each unpacked layer with its DiffID in the config (OCI image-spec, config.md).",
  why: "The engine checks the same when it unpacks, and refuses the image: `layers from manifest don't match image configuration`, `wrong diff id`.",
  example: "A layer that was recompressed from an edited tree, under the old config",
  fix: "Build the image again without its cache: transship build --no-cache",
};
