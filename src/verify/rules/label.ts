/** The label in the config against what was asked for. */
import type { Rule } from "./rule.ts";

export const label: Rule = {
  id: "label",
  title: "The image is labelled with another platform than was asked for",
  what: "Compares os, architecture and variant of the config with the platform that was asked for (`--platform`, `--arch`, `--os`, or the platform that was built).",
  why: "The engine chooses by this label, and refuses or warns where it is another machine's. It says nothing of the files inside: the other rules do.",
  example: "docker build --platform linux/arm64 … on an image that is deployed to linux/amd64",
  fix: "Build it for that platform: transship build --platform linux/amd64",
};
