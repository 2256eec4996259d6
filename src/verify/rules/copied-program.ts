/** Platforms of one index hold different programs. */
import type { Rule } from "./rule.ts";

export const copiedProgram: Rule = {
  id: "copied-program",
  title: "The same program stands in the images of two platforms",
  what: "Compares the build IDs (and, without one, the contents) of the programs that the platforms of one index start.",
  why: "One of them cannot be right: by far the commonest cause is a literal platform in a URL, or ARG TARGETARCH with a default.",
  example: "FROM scratch\nCOPY app /app   (one build for all platforms)",
  fix: "Build the program once for each platform: FROM --platform=$BUILDPLATFORM and GOARCH=$TARGETARCH.",
};
