/** What a program asks of the processor (x86-64 psABI, "ISA levels"; glibc, `elf/dl-prop.h` and glibc-hwcaps). */
import type { Case } from "../case.ts";
import { fails, type Kit, starts } from "../kit.ts";

/** Processors of qemu that have exactly that level. */
const processors = {
  "x86-64-v1": "qemu64",
  "x86-64-v2": "Nehalem",
  "x86-64-v3": "Haswell",
} as const;

const level = (name: string) => ["-z", name];
const on = (cpu: keyof typeof processors) => ({ cpu, runs: { cpu: processors[cpu] } });

export async function processorCases(kit: Kit): Promise<readonly Case[]> {
  const { one, lib } = kit;
  const hello = async (name: string) =>
    await kit.library({ soname: "libhello.so.1", defines: ["hello"], flags: level(name) });
  const app = async (name: string) =>
    await kit.dynamic({ needed: ["libhello.so.1"], calls: ["hello"], flags: level(name) });
  const found = `${lib}/libhello.so.1`;
  const [plain, v2, v3] = ["x86-64-baseline", "x86-64-v2", "x86-64-v3"] as const;
  return [
    one(
      "a program for any processor, on v1",
      [{ "srv/app": await app(plain), [found]: await hello(plain) }],
      starts,
      on("x86-64-v1"),
    ),
    one(
      "a v2 program on v2",
      [{ "srv/app": await app(v2), [found]: await hello(plain) }],
      starts,
      on("x86-64-v2"),
    ),
    one(
      "a v3 program on v3",
      [{ "srv/app": await app(v3), [found]: await hello(v3) }],
      starts,
      on("x86-64-v3"),
    ),
    one(
      "a v2 program on v1",
      [{ "srv/app": await app(v2), [found]: await hello(plain) }],
      fails("/srv/app: CPU ISA level is lower than required"),
      on("x86-64-v1"),
    ),
    one(
      "a v3 program on v2",
      [{ "srv/app": await app(v3), [found]: await hello(plain) }],
      fails("/srv/app: CPU ISA level is lower than required"),
      on("x86-64-v2"),
    ),
    one(
      "a v3 library on v2",
      [{ "srv/app": await app(plain), [found]: await hello(v3) }],
      fails("libhello.so.1: CPU ISA level is lower than required"),
      on("x86-64-v2"),
    ),
    one(
      "a v3 variant beside the plain library, on v2",
      [
        {
          "srv/app": await app(plain),
          [found]: await hello(plain),
          [`${lib}/glibc-hwcaps/x86-64-v3/libhello.so.1`]: await hello(v3),
        },
      ],
      starts,
      on("x86-64-v2"),
    ),
    one(
      "a variant for v2 is all there is, on v2",
      [
        {
          "srv/app": await app(plain),
          [`${lib}/glibc-hwcaps/x86-64-v2/libhello.so.1`]: await hello(v2),
        },
      ],
      starts,
      on("x86-64-v2"),
    ),
    one(
      "a variant for v2 is all there is, on v1",
      [
        {
          "srv/app": await app(plain),
          [`${lib}/glibc-hwcaps/x86-64-v2/libhello.so.1`]: await hello(v2),
        },
      ],
      fails(
        "error while loading shared libraries: libhello.so.1: cannot open shared object file: No such file or directory",
      ),
      on("x86-64-v1"),
    ),
    one(
      "a broken v3 variant beside the plain library, on v3",
      [
        {
          "srv/app": await app(plain),
          [found]: await hello(plain),
          [`${lib}/glibc-hwcaps/x86-64-v3/libhello.so.1`]: "nothing that a loader knows\n".repeat(
            40,
          ),
        },
      ],
      fails("libhello.so.1: invalid ELF header"),
      on("x86-64-v3"),
    ),
    one(
      "Debian's own programs on v1",
      [],
      { prints: "ready" },
      { ...on("x86-64-v1"), config: { Entrypoint: ["/bin/busybox", "echo", "ready"] } },
    ),
    one(
      "a Go program for v3, on v3",
      [{ "srv/app": await kit.go({ GOAMD64: "v3" }) }],
      starts,
      on("x86-64-v3"),
    ),
    one(
      "a Go program for v3, on v2",
      [{ "srv/app": await kit.go({ GOAMD64: "v3" }) }],
      fails("This program can only be run on AMD64 processors with v3 microarchitecture support."),
      on("x86-64-v2"),
    ),
  ];
}

/** 32-bit ARM: Debian's armhf is made for v7. */
export async function armCases(kit: Kit): Promise<readonly Case[]> {
  const { one } = kit;
  const v6 = { platform: "linux/arm/v6", runs: { cpu: "arm1176" } };
  return [
    one("Debian's armhf on v6", [], fails("Illegal instruction"), {
      ...v6,
      config: { Entrypoint: ["/bin/busybox", "echo", "ready"] },
    }),
    one("a Go program for v7", [{ "srv/app": await kit.go({ GOARM: "7" }) }], starts),
    one(
      "a Go program for v7, on v6",
      [{ "srv/app": await kit.go({ GOARM: "7" }) }],
      fails("Illegal instruction"),
      v6,
    ),
  ];
}
