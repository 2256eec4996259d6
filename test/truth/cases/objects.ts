/** Libraries that are found and are not what they should be (glibc, `open_verify` and `_dl_map_object_from_fd` of `elf/dl-load.c`). */
import type { Case } from "../case.ts";
import { field, flagsAt, patched, programHeaderSizeAt } from "../elf.ts";
import { fails, type Kit, starts } from "../kit.ts";
import { type Architecture, others } from "../machine.ts";

export async function objectCases(kit: Kit): Promise<readonly Case[]> {
  const { lib, one, machine } = kit;
  const { same, cross } = others[machine.debian];
  const library = { soname: "libhello.so.1", defines: ["hello"] };
  const hello = await kit.library(library);
  const app = await kit.dynamic({ needed: ["libhello.so.1"], calls: ["hello"] });
  const found = `${lib}/libhello.so.1`;
  const of = (architecture: Architecture) => kit.other(architecture).library(library);
  const is32 = machine.debian === "armhf" || machine.debian === "i386";
  const broken = (name: string, bytes: Uint8Array | string, words: string) =>
    one(
      name,
      [{ "srv/app": app, [found]: bytes }],
      fails(`error while loading shared libraries: ${words}`),
    );
  const full = `/lib/${machine.triplet}/libhello.so.1`;
  return [
    broken(
      "a library of another machine",
      await of(same),
      "libhello.so.1: cannot open shared object file: No such file or directory",
    ),
    broken(
      "a library of another class",
      await of(cross),
      `libhello.so.1: wrong ELF class: ELFCLASS${is32 ? 64 : 32}`,
    ),
    one(
      "a library of another machine in front of the right one",
      [{ "srv/app": app, [found]: hello, "srv/lib/libhello.so.1": await of(same) }],
      starts,
      { config: { Env: ["LD_LIBRARY_PATH=/srv/lib"] } },
    ),
    one(
      "a library of another class in front of the right one",
      [{ "srv/app": app, [found]: hello, "srv/lib/libhello.so.1": await of(cross) }],
      starts,
      { config: { Env: ["LD_LIBRARY_PATH=/srv/lib"] } },
    ),
    one(
      "a library of another class behind a RUNPATH, the right one in a default directory",
      [
        {
          "srv/app": await kit.dynamic({
            needed: ["libhello.so.1"],
            calls: ["hello"],
            runpath: "/srv/lib",
          }),
          [found]: hello,
          "srv/lib/libhello.so.1": await of(cross),
        },
      ],
      starts,
    ),
    broken(
      "a library of the other byte order",
      patched(hello, field.data, 2),
      `${full}: ELF file data encoding not little-endian`,
    ),
    broken(
      "a library of another system's ABI",
      patched(hello, field.osabi, 9),
      `${full}: ELF file OS ABI invalid`,
    ),
    broken(
      "a library of a later ABI version",
      patched(hello, field.abiVersion, 99),
      `${full}: ELF file ABI version invalid`,
    ),
    broken(
      "a library of another ELF version",
      patched(hello, field.version, 9),
      `${full}: ELF file version ident does not match current one`,
    ),
    broken(
      "a program for a library",
      patched(hello, field.type, 2),
      "libhello.so.1: cannot dynamically load executable",
    ),
    broken(
      "an object file for a library",
      patched(hello, field.type, 1),
      `${full}: only ET_DYN and ET_EXEC can be loaded`,
    ),
    broken(
      "a library whose program headers have another size",
      patched(hello, programHeaderSizeAt(hello), 12),
      `${full}: ELF file's phentsize not the expected size`,
    ),
    broken(
      "a library whose machine is patched",
      patched(hello, field.machine, 243),
      "libhello.so.1: cannot open shared object file: No such file or directory",
    ),
    broken(
      "a library that is a text",
      "INPUT(libhello.so.1.0)\n".repeat(40),
      `${full}: invalid ELF header`,
    ),
    broken("a library that is empty", "", `${full}: file too short`),
    broken(
      "a library that is shorter than an ELF header",
      hello.subarray(0, 40),
      `${full}: file too short`,
    ),
    broken(
      "a library that ends after its ELF header",
      hello.subarray(0, 64),
      `${full}: cannot read file data`,
    ),
    one(
      "a library that is cut short in its segments",
      [{ "srv/app": app, [found]: hello.subarray(0, 0x400) }],
      fails("Bus error"),
    ),
    broken(
      "a broken library in front of the right one",
      patched(hello, field.data, 2),
      `${full}: ELF file data encoding not little-endian`,
    ),
    ...(machine.debian === "armhf"
      ? [
          broken(
            "a soft-float library",
            patched(hello, flagsAt(hello) + 1, 2),
            "libhello.so.1: cannot open shared object file: No such file or directory",
          ),
        ]
      : []),
  ];
}
