/** musl's loader (`ldso/dynlink.c`). */
import type { Case } from "../case.ts";
import type { ProgramSpec } from "../assembly.ts";
import { withDynamicValue } from "../elf.ts";
import { fails, type Files, type Kit, starts } from "../kit.ts";
import { type Architecture, others } from "../machine.ts";

const absent = (library: string, by = "/srv/app") =>
  fails(`Error loading shared library ${library}: No such file or directory (needed by ${by})`);

/** The name of musl's own directories; Debian's package and its path file have them. */
const triplets: Readonly<Record<Architecture, string>> = {
  amd64: "x86_64-linux-musl",
  arm64: "aarch64-linux-musl",
  armhf: "arm-linux-musleabihf",
  i386: "i386-linux-musl",
};

export async function muslCases(kit: Kit): Promise<readonly Case[]> {
  const { machine } = kit;
  const lib = `usr/lib/${triplets[machine.debian]}`;
  const pathFile = machine.musl.replace(/^\/lib\/(ld-musl-\w+)\.so\.1$/, "etc/$1.path");
  const one = (
    name: string,
    layers: readonly Files[],
    truth: Case["truth"],
    more: Partial<Case> = {},
  ) => kit.one(`musl: ${name}`, layers, truth, { base: "musl", ...more });
  const program = async (spec: ProgramSpec) =>
    await kit.program({ interpreter: machine.musl, ...spec });
  const hello = await kit.library({ soname: "libhello.so.1", defines: ["hello"] });
  const app = async (more: ProgramSpec = {}) =>
    await program({ needed: ["libhello.so.1"], calls: ["hello"], ...more });
  const plain = await app();
  const of = async (architecture: Architecture) =>
    await kit
      .other(architecture)
      .library({ soname: "libhello.so.1", defines: ["hello"], relocates: true });
  const { same, cross } = others[machine.debian];
  const inner = await kit.library({ soname: "libinner.so.1", defines: ["inner"] });
  const outer = await kit.library({
    soname: "libouter.so.1",
    defines: ["outer"],
    needed: ["libinner.so.1"],
    calls: ["inner"],
  });
  const both = { "srv/lib/libouter.so.1": outer, "srv/lib/libinner.so.1": inner };
  return [
    one(
      "a program of its C library",
      [{ "srv/app": await program({ needed: ["libc.so"], calls: ["getpid"] }) }],
      starts,
    ),
    one(
      "a needed library without a name",
      [{ "srv/app": withDynamicValue(await program({ needed: ["a", "libc.so"] }), 1, 0) }],
      fails("Error loading shared library : Invalid argument (needed by /srv/app)"),
    ),
    one(
      "its C library under Alpine's name",
      [
        {
          "srv/app": await program({
            needed: [
              `libc.musl-${machine.musl.slice("/lib/ld-musl-".length, -".so.1".length)}.so.1`,
            ],
            calls: ["getpid"],
          }),
        },
      ],
      starts,
    ),
    one(
      "glibc's name is musl itself",
      [{ "srv/app": await program({ needed: ["libc.so.6"], calls: ["getpid"] }) }],
      starts,
    ),
    one(
      "glibc's libpthread is musl itself",
      [{ "srv/app": await program({ needed: ["libpthread.so.0"], calls: ["getpid"] }) }],
      starts,
    ),
    one(
      "a function that only glibc has",
      [{ "srv/app": await program({ needed: ["libc.so.6"], calls: ["gnu_get_libc_version"] }) }],
      fails("Error relocating /srv/app: gnu_get_libc_version: symbol not found"),
    ),
    one(
      "a version that only glibc has is not asked for",
      [
        {
          "srv/app": await program({
            needed: [{ soname: "libc.so.6", version: "GLIBC_2.34", gives: ["getpid"] }],
            calls: ["getpid"],
          }),
        },
      ],
      starts,
    ),
    one(
      "a program of glibc",
      [{ "srv/app": await kit.dynamic({ needed: ["libc.so.6"] }) }],
      fails("exec /srv/app: no such file or directory"),
    ),
    one(
      "a library in a directory of the path file",
      [{ "srv/app": plain, [`${lib}/libhello.so.1`]: hello }],
      starts,
    ),
    one(
      "a library in /usr/lib, which the path file does not name",
      [{ "srv/app": plain, "usr/lib/libhello.so.1": hello }],
      absent("libhello.so.1"),
    ),
    one(
      "a library in /usr/lib, no path file",
      [{ "srv/app": plain, "usr/lib/libhello.so.1": hello, [`etc/.wh.${pathFile.slice(4)}`]: "" }],
      starts,
    ),
    one(
      "a library in /usr/local/lib, no path file",
      [
        {
          "srv/app": plain,
          "usr/local/lib/libhello.so.1": hello,
          [`etc/.wh.${pathFile.slice(4)}`]: "",
        },
      ],
      starts,
    ),
    one(
      "a path file with colons",
      [{ "srv/app": plain, "opt/lib/libhello.so.1": hello, [pathFile]: "/lib:/opt/lib" }],
      starts,
    ),
    one(
      "an empty path file",
      [{ "srv/app": plain, "usr/lib/libhello.so.1": hello, [pathFile]: "" }],
      fails(
        "Error loading shared library libhello.so.1: No error information (needed by /srv/app)",
      ),
    ),
    one("a library that is nowhere", [{ "srv/app": plain }], absent("libhello.so.1")),
    one(
      "ld.so.cache is not read",
      [
        {
          "srv/app": plain,
          "opt/lib/libhello.so.1": hello,
          "etc/ld.so.cache": await kit.loaderCache({ "opt/lib/libhello.so.1": hello }, [
            "/opt/lib",
          ]),
        },
      ],
      absent("libhello.so.1"),
    ),
    // musl does not ask for the machine; it stumbles over the first relocation.
    one(
      "a library of another machine",
      [{ "srv/app": plain, [`${lib}/libhello.so.1`]: await of(same) }],
      fails(
        `Error relocating /${lib.replace("usr/", "")}/libhello.so.1: unsupported relocation type`,
      ),
    ),
    one(
      "a library of another machine in front of the right one",
      [
        {
          "srv/app": await app({ runpath: "/srv/lib" }),
          [`${lib}/libhello.so.1`]: hello,
          "srv/lib/libhello.so.1": await of(same),
        },
      ],
      fails("Error relocating /srv/lib/libhello.so.1: unsupported relocation type"),
    ),
    one(
      "a library of another class",
      [{ "srv/app": plain, [`${lib}/libhello.so.1`]: await of(cross) }],
      fails("Error loading shared library libhello.so.1: Exec format error (needed by /srv/app)"),
    ),
    one(
      "a library that is a text",
      [{ "srv/app": plain, [`${lib}/libhello.so.1`]: "nothing that a loader knows\n".repeat(40) }],
      fails("Error loading shared library libhello.so.1: Exec format error (needed by /srv/app)"),
    ),
    one(
      "a library that is empty",
      [{ "srv/app": plain, [`${lib}/libhello.so.1`]: "" }],
      fails("Error loading shared library libhello.so.1: Exec format error (needed by /srv/app)"),
    ),
    one(
      "RPATH",
      [{ "srv/app": await app({ rpath: "/srv/lib" }), "srv/lib/libhello.so.1": hello }],
      starts,
    ),
    one(
      "RUNPATH with $ORIGIN",
      [{ "srv/app": await app({ runpath: "$ORIGIN/lib" }), "srv/lib/libhello.so.1": hello }],
      starts,
    ),
    one(
      "RUNPATH reaches the needs of what it found",
      [
        {
          "srv/app": await program({
            needed: ["libouter.so.1"],
            calls: ["outer"],
            runpath: "/srv/lib",
          }),
          ...both,
        },
      ],
      starts,
    ),
    one(
      "RUNPATH with $LIB is not followed",
      [{ "srv/app": await app({ runpath: "/srv/$LIB" }), "srv/lib/libhello.so.1": hello }],
      absent("libhello.so.1"),
    ),
    one("LD_LIBRARY_PATH", [{ "srv/app": plain, "srv/lib/libhello.so.1": hello }], starts, {
      config: { Env: ["LD_LIBRARY_PATH=/srv/lib"] },
    }),
    one(
      "LD_LIBRARY_PATH comes before RPATH",
      [
        {
          "srv/app": await app({ rpath: "/srv/lib" }),
          "srv/lib/libhello.so.1": hello,
          "opt/lib/libhello.so.1": await kit.library({
            soname: "libhello.so.1",
            defines: ["other"],
          }),
        },
      ],
      fails("Error relocating /srv/app: hello: symbol not found"),
      { config: { Env: ["LD_LIBRARY_PATH=/opt/lib"] } },
    ),
    one(
      "a missing function is missed at once",
      [
        {
          "srv/app": await app({ flags: ["-z", "lazy"], calls: [], callsLate: ["hello"] }),
          [`${lib}/libhello.so.1`]: await kit.library({
            soname: "libhello.so.1",
            defines: ["other"],
          }),
        },
      ],
      fails("Error relocating /srv/app: hello: symbol not found"),
    ),
    one(
      "versions are not compared",
      [
        {
          "srv/app": await app({ needed: [{ soname: "libhello.so.1", version: "HELLO_2" }] }),
          [`${lib}/libhello.so.1`]: await kit.library({
            soname: "libhello.so.1",
            defines: ["hello"],
            version: "HELLO_1",
          }),
        },
      ],
      starts,
    ),
    one(
      "the inner need is nowhere",
      [
        {
          "srv/app": await program({
            needed: ["libouter.so.1"],
            calls: ["outer"],
            runpath: "/srv/lib",
          }),
          "srv/lib/libouter.so.1": outer,
        },
      ],
      absent("libinner.so.1", "/srv/lib/libouter.so.1"),
    ),
    one(
      "the loader is deleted",
      [{ "srv/app": plain }, { [`usr/lib/.wh.${machine.musl.slice(5)}`]: "" }],
      fails("exec /srv/app: no such file or directory"),
    ),
    one(
      "LD_PRELOAD of what is not there",
      [{ "srv/app": plain, [`${lib}/libhello.so.1`]: hello }],
      starts,
      { config: { Env: ["LD_PRELOAD=/nowhere/libtrace.so"] } },
    ),
    one("Debian's static busybox", [], starts, {
      config: { Entrypoint: ["/bin/busybox", "echo", "ready"] },
    }),
    one(
      "a script of the static busybox",
      [
        {
          "srv/app": "#!/bin/sh\necho ready\n",
          "usr/bin/sh": { type: "symlink", linkname: "busybox" },
        },
      ],
      starts,
    ),
  ];
}
