/** The platform that an index gives a manifest against the one in its config. */
import type { Rule } from "./rule.ts";

export const indexPlatform: Rule = {
  id: "index-platform",
  title: "The index lists an image for another platform than its config says",
  what: "Compares the platform of each entry of the index with the config behind it.",
  why: "A server pulls by the index and then has an image that calls itself something else; engines differ in which of the two they believe.",
  example: "docker manifest annotate --arch arm64 app:1 app:amd64",
  fix: "Build the index again from images whose configs are right: transship build",
};
