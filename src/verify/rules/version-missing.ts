/** Each library defines the versions that are asked of it. */
import type { Rule } from "./rule.ts";

export const versionMissing: Rule = {
  id: "version-missing",
  title: "A library does not define a version that is asked of it",
  what: "Compares the version needs of each loaded object with the definitions of the file that was found, by name, as the loader does. Weak needs and libraries without versions pass.",
  why: "The loader ends the program: `version `GLIBC_2.38' not found (required by /app)`: built on a newer system than it runs on.",
  example: "FROM ubuntu:24.04 AS build\n…\nFROM debian:bookworm-slim\nCOPY --from=build /app /app",
  fix: "Build on the base that it runs on (or an older one), or link statically.",
};
