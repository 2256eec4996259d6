/** A layer that cannot be unpacked. */
import type { Rule } from "./rule.ts";

export const layerDamaged: Rule = {
  id: "layer-damaged",
  title: "A layer cannot be unpacked",
  what: "The compressed stream ends too early or is broken, or the archive in it is.",
  why: "No engine can unpack it, so nothing of the image starts: `unexpected EOF`, `invalid tar header`.",
  example: "A build or a copy that was cut short, with digests computed afterwards",
  fix: "Build the image again without its cache: transship build --no-cache",
};
