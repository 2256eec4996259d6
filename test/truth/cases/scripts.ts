/** Scripts: the kernel's `#!` (Linux, `fs/binfmt_script.c`, `exec_binprm` of `fs/exec.c`). */
import type { Case } from "../case.ts";
import { field, patched } from "../elf.ts";
import { directory, fails, type Kit, linkTo, starts } from "../kit.ts";

const script = (line: string, body = "echo ready\n") => `#!${line}\n${body}`;

export async function scriptCases(kit: Kit): Promise<readonly Case[]> {
  const { one, machine } = kit;
  const absent = fails("exec /srv/app: no such file or directory");
  const chain = (depth: number) =>
    Object.fromEntries(
      Array.from({ length: depth }, (_, n) => [
        `srv/step${n}`,
        script(n === 0 ? "/bin/sh" : `/srv/step${n - 1}`),
      ]),
    );
  const program = await kit.program({});
  const foreign = patched(program, field.machine, 243, 0);
  return [
    one("a script of sh", [{ "srv/app": script("/bin/sh") }], starts),
    one(
      "a script with an argument to its interpreter",
      [{ "srv/app": script("/bin/sh -e") }],
      starts,
    ),
    one(
      "a script with blanks before its interpreter",
      [{ "srv/app": script(" \t/bin/sh  ") }],
      starts,
    ),
    one("a script through env", [{ "srv/app": script("/usr/bin/env sh") }], starts),
    one("a script through env -S", [{ "srv/app": script("/usr/bin/env -S sh -e") }], starts),
    one("a script without a last line end", [{ "srv/app": "#!/bin/true" }], { prints: "" }),
    one(
      "a script whose interpreter is a static program",
      [{ "srv/app": script("/srv/reader"), "srv/reader": program }],
      starts,
    ),
    one(
      "a script whose interpreter is a link",
      [{ "srv/app": script("/srv/sh"), "srv/sh": linkTo("../bin/dash") }],
      starts,
    ),
    one("a script with carriage returns", [{ "srv/app": "#!/bin/sh\r\necho ready\r\n" }], absent),
    one(
      "a script with carriage returns and an argument",
      [{ "srv/app": "#!/bin/sh -e\r\necho ready\r\n" }],
      fails("Illegal option"),
    ),
    one(
      "a script with carriage returns through env",
      [{ "srv/app": "#!/usr/bin/env sh\r\necho ready\r\n" }],
      fails("No such file or directory"),
    ),
    one("a script whose interpreter is missing", [{ "srv/app": script("/bin/bash") }], absent),
    one(
      "a script through env whose program is missing",
      [{ "srv/app": script("/usr/bin/env bash") }],
      fails("No such file or directory"),
    ),
    one(
      "a script whose interpreter may not be executed",
      [{ "srv/app": script("/srv/reader"), "srv/reader": { content: program, mode: 0o644 } }],
      fails("exec /srv/app: permission denied"),
    ),
    one(
      "a script whose interpreter is a directory",
      [{ "srv/app": script("/srv/reader"), "srv/reader": directory }],
      fails("exec /srv/app: permission denied"),
    ),
    one(
      "a script whose interpreter is of no machine here",
      [{ "srv/app": script("/srv/reader"), "srv/reader": foreign }],
      fails("exec /srv/app: exec format error"),
    ),
    one(
      "a script whose interpreter lacks its loader",
      [
        {
          "srv/app": script("/srv/reader"),
          "srv/reader": await kit.dynamic({ interpreter: "/nowhere/ld.so", needed: ["libc.so.6"] }),
        },
      ],
      absent,
    ),
    one(
      "a script whose interpreter lacks a library",
      [
        {
          "srv/app": script("/srv/reader"),
          "srv/reader": await kit.dynamic({ needed: ["libhello.so.1"], calls: ["hello"] }),
        },
      ],
      fails(
        "/srv/reader: error while loading shared libraries: libhello.so.1: cannot open shared object file: No such file or directory",
      ),
    ),
    one(
      "a script without a first line for the kernel",
      [{ "srv/app": "echo ready\n" }],
      fails("exec /srv/app: exec format error"),
    ),
    one(
      "a script behind a byte order mark",
      [{ "srv/app": "\uFEFF#!/bin/sh\necho ready\n" }],
      fails("exec /srv/app: exec format error"),
    ),
    one(
      "a first line that names nothing",
      [{ "srv/app": "#!\necho ready\n" }],
      fails("exec /srv/app: exec format error"),
    ),
    one(
      "a script with a blank line first",
      [{ "srv/app": "\n#!/bin/sh\necho ready\n" }],
      fails("exec /srv/app: exec format error"),
    ),
    one(
      "a script that is read by a script",
      [{ "srv/app": script("/srv/step0"), ...chain(1) }],
      starts,
    ),
    one("scripts four deep", [{ "srv/app": script("/srv/step2"), ...chain(3) }], starts),
    // An emulator is one interpreter more.
    ...(machine.emulator === undefined
      ? [one("scripts five deep", [{ "srv/app": script("/srv/step3"), ...chain(4) }], starts)]
      : []),
    one(
      "scripts six deep",
      [{ "srv/app": script("/srv/step4"), ...chain(5) }],
      fails("exec /srv/app: too many levels of symbolic links"),
    ),
    one(
      "a script that is read by itself",
      [{ "srv/app": script("/srv/app") }],
      fails("exec /srv/app: too many levels of symbolic links"),
    ),
    one(
      "a first line longer than the kernel reads",
      [{ "srv/app": script(`/${"./".repeat(140)}bin/sh`) }],
      fails("exec /srv/app: exec format error"),
    ),
    one(
      "an argument longer than the kernel reads",
      [{ "srv/app": script(`/bin/true ${"x".repeat(300)}`) }],
      { prints: "" },
    ),
    one("a relative interpreter", [{ "srv/app": script("bin/sh") }], starts, {
      config: { WorkingDir: "/" },
    }),
    one(
      "a relative interpreter, another working directory",
      [{ "srv/app": script("bin/sh") }],
      absent,
      { config: { WorkingDir: "/srv" } },
    ),
    one(
      "a script that its user may not read",
      [{ "srv/app": { content: script("/bin/sh"), mode: 0o711 } }],
      fails("Permission denied"),
      { config: { User: "nobody" } },
    ),
    one(
      "a script that may not be executed",
      [{ "srv/app": { content: script("/bin/sh"), mode: 0o644 } }],
      fails("permission denied"),
    ),
    one(
      "a script, its shell deleted",
      [{ "srv/app": script("/bin/sh") }, { "usr/bin/.wh.sh": "" }],
      absent,
    ),
    one(
      "a script, its shell's program deleted",
      [{ "srv/app": script("/bin/sh") }, { "usr/bin/.wh.dash": "" }],
      absent,
    ),
    one(
      "a script, the shell's C library deleted",
      [{ "srv/app": script("/bin/sh") }, { [`${kit.lib}/.wh.libc.so.6`]: "" }],
      fails(
        "/bin/sh: error while loading shared libraries: libc.so.6: cannot open shared object file: No such file or directory",
      ),
    ),
    one(
      `the machine's name as its own shell tells it`,
      [{ "srv/app": script("/bin/sh", "uname -m\n") }],
      {
        prints: { amd64: "x86_64", arm64: "aarch64", armhf: "armv7l", i386: "x86_64" }[
          machine.debian
        ],
      },
    ),
  ];
}
