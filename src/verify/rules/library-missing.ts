/** Each needed library is found by the loader's own rules. */
import type { Rule } from "./rule.ts";

export const libraryMissing: Rule = {
  id: "library-missing",
  title: "The loader does not find a library that the program needs",
  what: "Walks DT_NEEDED breadth first, as the image's own loader does: RPATH and RUNPATH, LD_LIBRARY_PATH, /etc/ld.so.cache (never ld.so.conf), the default directories of that build; musl by its path. A library of another machine is passed over as if it were not there.",
  why: "The loader ends the program: `error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory`; `Error loading shared library` with musl; `wrong ELF class` where only one of the other class is there.",
  example: "FROM debian:bookworm-slim\nCOPY app /app   (linked with libssl.so.3)",
  fix: "Install the package that has the library, run ldconfig after adding its directory to ld.so.conf.d, or link statically.",
};
