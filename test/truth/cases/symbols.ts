/** Symbols and their versions (glibc, `elf/dl-lookup.c`, `elf/dl-version.c`). */
import type { Case } from "../case.ts";
import { fails, type Kit, starts } from "../kit.ts";

const asks = (version: string) => ({ needed: [{ soname: "libhello.so.1", version }] });

export async function symbolCases(kit: Kit): Promise<readonly Case[]> {
  const { lib, one } = kit;
  const found = `${lib}/libhello.so.1`;
  const library = async (defines: readonly string[], more = {}) =>
    await kit.library({ soname: "libhello.so.1", defines, ...more });
  const app = async (more = {}) =>
    await kit.dynamic({ needed: ["libhello.so.1"], calls: ["hello"], ...more });
  const now = ["-z", "now"];
  const unbound = fails("symbol lookup error: /srv/app: undefined symbol: hello");
  const outer = {
    soname: "libouter.so.1",
    defines: ["outer"],
    calls: ["hello"],
    needed: ["libhello.so.1"],
  };
  return [
    one(
      "all symbols are there, bound at once",
      [{ "srv/app": await app({ flags: now }), [found]: await library(["hello"]) }],
      starts,
    ),
    one(
      "a function is missing, bound at once",
      [{ "srv/app": await app({ flags: now }), [found]: await library(["other"]) }],
      unbound,
    ),
    one(
      "a function is missing, bound when it is called",
      [{ "srv/app": await app({ flags: ["-z", "lazy"] }), [found]: await library(["other"]) }],
      unbound,
    ),
    one(
      "a function is missing that is called late",
      [
        {
          "srv/app": await app({ flags: ["-z", "lazy"], calls: [], callsLate: ["hello"] }),
          [found]: await library(["other"]),
        },
      ],
      unbound,
    ),
    one(
      "a function is missing, LD_BIND_NOW in the environment",
      [{ "srv/app": await app({ flags: ["-z", "lazy"] }), [found]: await library(["other"]) }],
      unbound,
      { config: { Env: ["LD_BIND_NOW=1"] } },
    ),
    one(
      "a variable is missing",
      [
        {
          "srv/app": await kit.dynamic({ needed: ["libhello.so.1"], uses: "greeting" }),
          [found]: await library(["hello"]),
        },
      ],
      fails("symbol lookup error: /srv/app: undefined symbol: greeting"),
    ),
    one(
      "a variable is there",
      [
        {
          "srv/app": await kit.dynamic({ needed: ["libhello.so.1"], uses: "greeting" }),
          [found]: await library(["hello"], { variables: ["greeting"] }),
        },
      ],
      starts,
    ),
    one(
      "a function is missing that a library calls, bound at once",
      [
        {
          "srv/app": await kit.dynamic({ needed: ["libouter.so.1"], calls: ["outer"] }),
          [`${lib}/libouter.so.1`]: await kit.library({ ...outer, flags: now }),
          [found]: await library(["other"]),
        },
      ],
      fails(
        `symbol lookup error: /lib/${kit.machine.triplet}/libouter.so.1: undefined symbol: hello`,
      ),
    ),
    one(
      "a function that another library gives",
      [
        {
          "srv/app": await kit.dynamic({
            needed: ["libhello.so.1", "libother.so.1"],
            calls: ["hello"],
            flags: now,
          }),
          [found]: await library(["other"]),
          [`${lib}/libother.so.1`]: await kit.library({
            soname: "libother.so.1",
            defines: ["hello"],
          }),
        },
      ],
      starts,
    ),
    one(
      "a version is there",
      [
        {
          "srv/app": await app(asks("HELLO_1")),
          [found]: await library(["hello"], { version: "HELLO_1" }),
        },
      ],
      starts,
    ),
    one(
      "a version is missing",
      [
        {
          "srv/app": await app(asks("HELLO_2")),
          [found]: await library(["hello"], { version: "HELLO_1" }),
        },
      ],
      fails(
        `/srv/app: /lib/${kit.machine.triplet}/libhello.so.1: version \`HELLO_2' not found (required by /srv/app)`,
      ),
    ),
    one(
      "a later version is not an earlier one",
      [
        {
          "srv/app": await app(asks("HELLO_1")),
          [found]: await library(["hello"], { version: "HELLO_2" }),
        },
      ],
      fails(
        `/srv/app: /lib/${kit.machine.triplet}/libhello.so.1: version \`HELLO_1' not found (required by /srv/app)`,
      ),
    ),
    one(
      "a library that defines no versions serves who asks for one",
      [
        {
          "srv/app": await app(asks("HELLO_1")),
          [found]: await library(["hello"], {
            needed: [{ soname: "libc.so.6", version: "GLIBC_2.34", gives: ["__libc_start_main"] }],
            flags: ["-u", "__libc_start_main"],
          }),
        },
      ],
      starts,
    ),
    one(
      "a library without any versions does not serve who asks for one",
      [{ "srv/app": await app(asks("HELLO_1")), [found]: await library(["hello"]) }],
      fails("Inconsistency detected by ld.so: dl-lookup.c: 107: check_match: Assertion"),
    ),
    one(
      "a library with versions serves who asks for none",
      [{ "srv/app": await app(), [found]: await library(["hello"], { version: "HELLO_1" }) }],
      starts,
    ),
    one(
      "a version is missing that a library asks for",
      [
        {
          "srv/app": await kit.dynamic({ needed: ["libouter.so.1"], calls: ["outer"] }),
          [`${lib}/libouter.so.1`]: await kit.library({ ...outer, ...asks("HELLO_2") }),
          [found]: await library(["hello"], { version: "HELLO_1" }),
        },
      ],
      fails(
        `/srv/app: /lib/${kit.machine.triplet}/libhello.so.1: version \`HELLO_2' not found (required by /lib/${kit.machine.triplet}/libouter.so.1)`,
      ),
    ),
    one(
      "a later C library is asked for",
      [
        {
          "srv/app": await kit.dynamic({
            needed: [{ soname: "libc.so.6", version: "GLIBC_2.99" }],
            calls: ["hello"],
          }),
        },
      ],
      fails(
        `/srv/app: /lib/${kit.machine.triplet}/libc.so.6: version \`GLIBC_2.99' not found (required by /srv/app)`,
      ),
    ),
    one(
      "the C library's own version is there",
      [
        {
          "srv/app": await kit.dynamic({
            needed: [{ soname: "libc.so.6", version: "GLIBC_2.34" }],
            calls: ["__libc_start_main"].slice(1),
          }),
        },
      ],
      starts,
    ),
    one(
      "a filter's library is missing",
      [
        {
          "srv/app": await app(),
          [found]: await library(["hello"], { flags: ["-F", "libreal.so.1"] }),
        },
      ],
      fails(
        "error while loading shared libraries: libreal.so.1: cannot open shared object file: No such file or directory",
      ),
    ),
    one(
      "an auxiliary filter's library is missing",
      [
        {
          "srv/app": await app(),
          [found]: await library(["hello"], { flags: ["-f", "libreal.so.1"] }),
        },
      ],
      starts,
    ),
  ];
}
