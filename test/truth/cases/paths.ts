/** RPATH, RUNPATH, needs with a slash, and what reaches what (ld.so(8); glibc, `elf/dl-load.c`). */
import type { Case } from "../case.ts";
import { fails, type Kit, starts } from "../kit.ts";

const absent = (library: string) =>
  fails(
    `error while loading shared libraries: ${library}: cannot open shared object file: No such file or directory`,
  );

export async function pathCases(kit: Kit): Promise<readonly Case[]> {
  return [...(await ownCases(kit)), ...(await inheritedCases(kit))];
}

/** What the program's own dynamic section says. */
async function ownCases(kit: Kit): Promise<readonly Case[]> {
  const { lib, one, machine } = kit;
  const hello = await kit.library({ soname: "libhello.so.1", defines: ["hello"] });
  const app = async (spec: { rpath?: string; runpath?: string; flags?: readonly string[] }) =>
    await kit.dynamic({ needed: ["libhello.so.1"], calls: ["hello"], ...spec });
  const beside = { "srv/lib/libhello.so.1": hello };
  const slashed = async (soname: string) =>
    await kit.dynamic({ needed: [soname], calls: ["hello"] });
  return [
    one("RPATH", [{ "srv/app": await app({ rpath: "/srv/lib" }), ...beside }], starts),
    one("RUNPATH", [{ "srv/app": await app({ runpath: "/srv/lib" }), ...beside }], starts),
    one(
      "RUNPATH to a directory that is not there",
      [{ "srv/app": await app({ runpath: "/srv/libs" }), ...beside }],
      absent("libhello.so.1"),
    ),
    one(
      "RUNPATH with $ORIGIN",
      [{ "srv/app": await app({ runpath: "$ORIGIN/lib" }), ...beside }],
      starts,
    ),
    one(
      "RPATH with ${ORIGIN} and ..",
      [{ "srv/bin/app": await app({ rpath: "${ORIGIN}/../lib" }), ...beside }],
      starts,
      { config: { Entrypoint: ["/srv/bin/app"] } },
    ),
    one(
      "$ORIGIN of a program started through a link",
      [
        {
          "srv/app": await app({ runpath: "$ORIGIN/lib" }),
          ...beside,
          "usr/bin/app": { type: "symlink", linkname: "/srv/app" },
        },
      ],
      starts,
      { config: { Entrypoint: ["app"] } },
    ),
    one(
      "RUNPATH of two directories, the second has it",
      [{ "srv/app": await app({ runpath: "/nowhere:/srv/lib" }), ...beside }],
      starts,
    ),
    one(
      "an empty part of RUNPATH is the working directory",
      [{ "srv/app": await app({ runpath: "/nowhere:" }), ...beside }],
      starts,
      { config: { WorkingDir: "/srv/lib" } },
    ),
    one(
      "an empty part of RUNPATH, another working directory",
      [{ "srv/app": await app({ runpath: "/nowhere:" }), ...beside }],
      absent("libhello.so.1"),
      { config: { WorkingDir: "/srv" } },
    ),
    one("a relative RUNPATH", [{ "srv/app": await app({ runpath: "lib" }), ...beside }], starts, {
      config: { WorkingDir: "/srv" },
    }),
    one(
      "a relative RUNPATH, another working directory",
      [{ "srv/app": await app({ runpath: "lib" }), ...beside }],
      absent("libhello.so.1"),
      { config: { WorkingDir: "/" } },
    ),
    one(
      "RUNPATH with $LIB",
      [
        {
          "srv/app": await app({ runpath: "/opt/$LIB" }),
          [`opt/lib/${machine.triplet}/libhello.so.1`]: hello,
        },
      ],
      starts,
    ),
    one(
      "-z nodefaultlib, the library in a default directory",
      [
        {
          "srv/app": await app({ flags: ["-z", "nodefaultlib"] }),
          [`${lib}/libhello.so.1`]: hello,
        },
      ],
      fails("error while loading shared libraries: libhello.so.1: cannot open shared object file"),
    ),
    one(
      "-z nodefaultlib, with RUNPATH",
      [{ "srv/app": await app({ flags: ["-z", "nodefaultlib"], runpath: "/srv/lib" }), ...beside }],
      starts,
    ),
    one(
      "a need with a slash",
      [{ "srv/app": await slashed("/srv/lib/libhello.so.1"), ...beside }],
      starts,
    ),
    one(
      "a need with a slash that is not there",
      [{ "srv/app": await slashed("/srv/libs/libhello.so.1"), ...beside }],
      absent("/srv/libs/libhello.so.1"),
    ),
    one(
      "a relative need with a slash",
      [{ "srv/app": await slashed("lib/libhello.so.1"), ...beside }],
      starts,
      { config: { WorkingDir: "/srv" } },
    ),
    one(
      "a relative need with a slash, another working directory",
      [{ "srv/app": await slashed("lib/libhello.so.1"), ...beside }],
      absent("lib/libhello.so.1"),
      { config: { WorkingDir: "/opt" } },
    ),
    one(
      "a need with $ORIGIN",
      [{ "srv/app": await slashed("$ORIGIN/lib/libhello.so.1"), ...beside }],
      starts,
    ),
  ];
}

/** What reaches the needs of what is needed. */
async function inheritedCases(kit: Kit): Promise<readonly Case[]> {
  const { lib, one } = kit;
  const inner = await kit.library({ soname: "libinner.so.1", defines: ["inner"] });
  const outer = async (spec: { rpath?: string; runpath?: string } = {}) =>
    await kit.library({
      soname: "libouter.so.1",
      defines: ["outer"],
      needed: ["libinner.so.1"],
      calls: ["inner"],
      ...spec,
    });
  const app = async (spec: { rpath?: string; runpath?: string }) =>
    await kit.dynamic({ needed: ["libouter.so.1"], calls: ["outer"], ...spec });
  const both = { "srv/lib/libouter.so.1": await outer(), "srv/lib/libinner.so.1": inner };
  return [
    one(
      "RPATH reaches the needs of what it found",
      [{ "srv/app": await app({ rpath: "/srv/lib" }), ...both }],
      starts,
    ),
    one(
      "RUNPATH does not reach the needs of what it found",
      [{ "srv/app": await app({ runpath: "/srv/lib" }), ...both }],
      absent("libinner.so.1"),
    ),
    one(
      "RUNPATH, and the inner need in a default directory",
      [{ "srv/app": await app({ runpath: "/srv/lib" }), ...both, [`${lib}/libinner.so.1`]: inner }],
      starts,
    ),
    one(
      "a library's RUNPATH shuts out the program's RPATH",
      [
        {
          "srv/app": await app({ rpath: "/srv/lib" }),
          ...both,
          "srv/lib/libouter.so.1": await outer({ runpath: "/opt/lib" }),
        },
      ],
      absent("libinner.so.1"),
    ),
    one(
      "a library's RPATH with its own $ORIGIN",
      [
        {
          "srv/app": await app({ runpath: "/srv/lib" }),
          "srv/lib/libouter.so.1": await outer({ rpath: "$ORIGIN/inner" }),
          "srv/lib/inner/libinner.so.1": inner,
        },
      ],
      starts,
    ),
    one(
      "a library's RUNPATH with its own $ORIGIN",
      [
        {
          "srv/app": await app({ runpath: "/srv/lib" }),
          "srv/lib/libouter.so.1": await outer({ runpath: "$ORIGIN/inner" }),
          "srv/lib/inner/libinner.so.1": inner,
        },
      ],
      starts,
    ),
    one(
      "the inner need is nowhere",
      [{ "srv/app": await app({ runpath: "/srv/lib" }), "srv/lib/libouter.so.1": await outer() }],
      absent("libinner.so.1"),
    ),
    one(
      "the inner need was loaded before by the program itself",
      [
        {
          "srv/app": await kit.dynamic({
            needed: ["libinner.so.1", "libouter.so.1"],
            calls: [],
            runpath: "/srv/lib",
          }),
          ...both,
        },
      ],
      starts,
    ),
    one(
      "two libraries that need each other",
      [
        {
          "srv/app": await kit.dynamic({ needed: ["libouter.so.1"], calls: ["outer"] }),
          [`${lib}/libouter.so.1`]: await outer(),
          [`${lib}/libinner.so.1`]: await kit.library({
            soname: "libinner.so.1",
            defines: ["inner"],
            needed: ["libouter.so.1"],
          }),
        },
      ],
      starts,
    ),
  ];
}
