/** The program's own interpreter, the loader (Linux, `fs/binfmt_elf.c`). */
import type { Case } from "../case.ts";
import {
  field,
  patched,
  programHeaderCountAt,
  programHeadersEnd,
  programHeaderSizeAt,
} from "../elf.ts";
import { directory, fails, type Kit, linkTo, starts } from "../kit.ts";
import { others } from "../machine.ts";

export async function interpreterCases(kit: Kit): Promise<readonly Case[]> {
  const { one, machine } = kit;
  const app = await kit.dynamic({ needed: ["libc.so.6"] });
  const named = async (interpreter: string) =>
    await kit.dynamic({ interpreter, needed: ["libc.so.6"] });
  const own = { "srv/app": await named("/srv/ld.so") };
  const other = kit.other(machine.debian === "amd64" ? "arm64" : "amd64");
  return [
    one("glibc's loader and its C library", [{ "srv/app": app }], starts),
    one(
      "the loader through a link of its own name",
      [{ ...own, "srv/ld.so": linkTo(machine.glibc) }],
      starts,
    ),
    one(
      "the loader is deleted",
      [{ "srv/app": app }, deleted(machine.glibc)],
      fails("exec /srv/app: no such file or directory"),
    ),
    one(
      "the loader's link leads nowhere",
      [{ ...own, "srv/ld.so": linkTo("/nowhere") }],
      fails("exec /srv/app: no such file or directory"),
    ),
    one(
      "the loader may not be executed",
      [{ ...own, "srv/ld.so": { content: "nothing", mode: 0o644 } }],
      fails("exec /srv/app: permission denied"),
    ),
    one(
      "the loader is a directory",
      [{ ...own, "srv/ld.so": directory }],
      fails("exec /srv/app: permission denied"),
    ),
    one(
      "the loader is a text",
      [{ ...own, "srv/ld.so": "nothing that anyone could load\n".repeat(40) }],
      fails("exec /srv/app: accessing a corrupted shared library"),
    ),
    one(
      "the loader is of another machine",
      [{ ...own, "srv/ld.so": await other.library({ soname: "ld.so", defines: ["hello"] }) }],
      fails("exec /srv/app: accessing a corrupted shared library"),
    ),
    one(
      "the loader is of another class",
      [
        {
          ...own,
          "srv/ld.so": await kit
            .other(others[machine.debian].cross)
            .library({ soname: "ld.so", defines: ["hello"] }),
        },
      ],
      fails("exec /srv/app: accessing a corrupted shared library"),
    ),
    one(
      "the loader is empty",
      [{ ...own, "srv/ld.so": "" }],
      fails("exec /srv/app: input/output error"),
    ),
    one(
      "a relative loader",
      [{ "srv/app": await named("ld.so"), "srv/ld.so": linkTo(machine.glibc) }],
      starts,
      { config: { WorkingDir: "/srv" } },
    ),
    one(
      "the C library is deleted",
      [{ "srv/app": app }, { [`${kit.lib}/.wh.libc.so.6`]: "" }],
      fails(
        "error while loading shared libraries: libc.so.6: cannot open shared object file: No such file or directory",
      ),
    ),
    one(
      "musl's loader is not in an image of glibc",
      [{ "srv/app": await named(machine.musl) }],
      fails("exec /srv/app: no such file or directory"),
    ),
  ];
}

function deleted(path: string) {
  const real = path.replace("/lib64/", "/usr/lib64/").replace(/^\/lib\//, "/usr/lib/");
  const slash = real.lastIndexOf("/");
  return { [`${real.slice(1, slash)}/.wh.${real.slice(slash + 1)}`]: "" };
}

/** What the kernel makes of the program file itself. */
export async function programCases(kit: Kit): Promise<readonly Case[]> {
  const { one, machine } = kit;
  const program = await kit.program({});
  const broken = (
    name: string,
    content: Uint8Array | string,
    words = "exec /srv/app: exec format error",
  ) => one(name, [{ "srv/app": content }], fails(words));
  return [
    one("a static program in an image of nothing else", [{ "srv/app": program }], starts, {
      base: "none",
    }),
    one(
      "a static program that finds its own place",
      [{ "srv/app": await kit.program({ flags: ["-pie", "--no-dynamic-linker"] }) }],
      starts,
    ),
    broken(
      "written in the other byte order",
      patched(program, field.type, 0, program[field.type] ?? 0, 0, program[field.machine] ?? 0),
    ),
    // The kernel reads neither, the emulators' registration does.
    ...(machine.emulator === undefined
      ? [
          one(
            "the other byte order in the header alone",
            [{ "srv/app": patched(program, field.data, 2) }],
            starts,
          ),
          one(
            "the other class in the header alone",
            [{ "srv/app": patched(program, field.class, program[field.class] === 2 ? 1 : 2) }],
            starts,
          ),
        ]
      : []),
    broken("a machine that there is not", patched(program, field.machine, 0xff, 0xfe)),
    broken("an object file", patched(program, field.type, 1)),
    broken("a core file", patched(program, field.type, 4)),
    broken("program headers of another size", patched(program, programHeaderSizeAt(program), 12)),
    broken("no program headers", patched(program, programHeaderCountAt(program), 0, 0)),
    broken(
      "a program that is cut short after its program headers",
      program.subarray(0, programHeadersEnd(program)),
      "Segmentation fault",
    ),
    // The emulators have their own ways with these.
    ...(machine.emulator === undefined
      ? [
          broken(
            "a library for a program",
            await kit.library({ soname: "libhello.so.1", defines: ["hello"] }),
            "Segmentation fault",
          ),
          broken("a program that ends in its header", program.subarray(0, 40)),
          broken("a program that ends after its header", program.subarray(0, 64)),
        ]
      : []),
    broken("an empty file", ""),
    broken("a text without a first line for the kernel", "echo hello\n"),
    one(
      "another system's ABI in the header",
      [{ "srv/app": patched(program, field.osabi, 3) }],
      starts,
    ),
    one(
      "the execute bit is gone",
      [{ "srv/app": { content: program, mode: 0o644 } }],
      fails("permission denied"),
    ),
    // Until the program runs its user still has the container's capabilities, CAP_DAC_OVERRIDE among them.
    one("only the owner may execute", [{ "srv/app": { content: program, mode: 0o700 } }], starts, {
      config: { User: "nobody" },
    }),
    one("who executes need not read", [{ "srv/app": { content: program, mode: 0o711 } }], starts, {
      config: { User: "nobody" },
    }),
    one(
      "a directory that the user may not enter",
      [{ srv: { type: "directory", mode: 0o700 }, "srv/app": program }],
      starts,
      { config: { User: "nobody" } },
    ),
  ];
}
