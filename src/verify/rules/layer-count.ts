/** As many layers in the manifest as in the config. */
import type { Rule } from "./rule.ts";

export const layerCount: Rule = {
  id: "layer-count",
  title: "Manifest and config count different layers",
  what: "Compares the number of layers in the manifest with the number of DiffIDs in the config.",
  why: "The engine refuses to unpack it: `layers from manifest don't match image configuration`.",
  example: "An image that was put together or edited by hand",
  fix: "Build the image again without its cache: transship build --no-cache",
};
