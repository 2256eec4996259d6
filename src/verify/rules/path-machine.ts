/** A path that names a platform holds that platform. */
import type { Rule } from "./rule.ts";

export const pathMachine: Rule = {
  id: "path-machine",
  title: "A path names a platform and holds another",
  what: "Looks for platform words in paths (linux-x64, aarch64-linux-gnu, prebuilds/linux-arm64 …) and compares them with the file's machine.",
  why: "Whoever picks by path gets the wrong one.",
  example: "node_modules/@esbuild/linux-arm64/bin/esbuild that is an x86-64 program",
  fix: "Build or download it again for the platform that its path names.",
};
