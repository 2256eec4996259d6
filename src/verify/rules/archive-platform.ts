/** Archives with native libraries have those of the platform. */
import type { Rule } from "./rule.ts";

export const archivePlatform: Rule = {
  id: "archive-platform",
  title: "A jar or wheel brings native libraries, and none for the platform",
  what: "Reads the native libraries inside jars, wars and wheels (and jars inside them). Speaks where there are some for Linux and none of them is for the platform's machine, or where one whose path names the platform is for another.",
  why: "The JVM unpacks and loads such a library when a class first needs it: `UnsatisfiedLinkError`, at run time, on one platform only.",
  example: "zstd-jni.jar with linux/amd64 and without linux/aarch64",
  fix: "Take a release of the library that has the platform, or the artifact with its classifier.",
};
