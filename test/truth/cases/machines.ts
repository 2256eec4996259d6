/** Programs of a machine that the platform is not. */
import type { Case } from "../case.ts";
import { field, patched } from "../elf.ts";
import { fails, type Kit, starts } from "../kit.ts";

const wrong = fails("exec /srv/app: exec format error");

/** Images labelled amd64 that hold what is made for another machine; its emulator is switched off meanwhile. */
export async function foreignCases(kit: Kit): Promise<readonly Case[]> {
  const { emulator } = kit.machine;
  if (emulator === undefined) return [];
  const { one } = kit;
  const amd64 = kit.other("amd64");
  const labelled = { platform: "linux/amd64", runs: { without: emulator } };
  const program = await kit.program({});
  const onDebian = (
    name: string,
    files: Parameters<Kit["one"]>[1],
    truth: Case["truth"],
    more: Partial<Case> = {},
  ) => {
    const made = amd64.one(name, files, truth, { runs: labelled.runs, ...more });
    return { ...made, name: `amd64 with ${kit.machine.debian}: ${name}` };
  };
  return [
    one("a static program, labelled amd64", [{ "srv/app": program }], wrong, {
      ...labelled,
      base: "none",
    }),
    one(
      "a program of glibc, labelled amd64",
      [{ "srv/app": await kit.dynamic({ needed: ["libc.so.6"] }) }],
      wrong,
      labelled,
    ),
    one("a whole userland, labelled amd64", [], fails("exec /bin/sh: exec format error"), {
      ...labelled,
      config: { Entrypoint: ["/bin/sh", "-c", "echo ready"] },
    }),
    one(
      "a script in a whole userland, labelled amd64",
      [{ "srv/app": "#!/bin/sh\necho ready\n" }],
      wrong,
      labelled,
    ),
    one(
      "a script through env in a whole userland, labelled amd64",
      [{ "srv/app": "#!/usr/bin/env sh\necho ready\n" }],
      wrong,
      labelled,
    ),
    onDebian("one program among the right ones", [{ "srv/app": program }], wrong),
    onDebian(
      "a script's interpreter",
      [{ "srv/app": "#!/srv/reader\n", "srv/reader": program }],
      wrong,
    ),
    onDebian(
      "the shell alone",
      [
        {
          "srv/app": "#!/bin/sh\necho ready\n",
          "usr/bin/dash": await kit.file("debian", "usr/bin/dash"),
        },
      ],
      wrong,
    ),
    onDebian(
      "a helper on PATH, asked for itself",
      [{ "srv/app": await amd64.program({}), "usr/local/bin/helper": program }],
      fails("exec /usr/local/bin/helper: exec format error"),
      { tries: ["helper"] },
    ),
    onDebian(
      "a program that nothing reaches",
      [{ "srv/app": await amd64.program({}), "opt/firmware/updater": program }],
      starts,
    ),
    onDebian(
      "the same under another name of its platform",
      [
        {
          "srv/app": await amd64.program({}),
          [`opt/prebuilds/linux-${kit.machine.debian}/tool`]: program,
        },
      ],
      starts,
    ),
  ];
}

/** What only the header says: machines for which there is no emulator here. */
export async function unknownCases(kit: Kit): Promise<readonly Case[]> {
  const { one } = kit;
  const program = await kit.program({});
  const numbers: Readonly<Record<string, number>> = {
    ppc64le: 21,
    riscv64: 243,
    loongarch64: 258,
    bpf: 247,
    "no machine": 0,
  };
  return [
    ...Object.entries(numbers).map(([name, machine]) =>
      one(
        `a program whose header says ${name}`,
        [{ "srv/app": patched(program, field.machine, machine & 0xff, machine >> 8) }],
        wrong,
      ),
    ),
    one("a program of 32-bit x86", [{ "srv/app": await kit.other("i386").program({}) }], starts, {
      base: "none",
    }),
    one(
      "a program of 32-bit x86 without its loader",
      [{ "srv/app": await kit.other("i386").dynamic({ needed: ["libc.so.6"] }) }],
      fails("exec /srv/app: no such file or directory"),
    ),
  ];
}
