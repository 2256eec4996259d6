/** Where the loader looks for a library, and what it says when it finds none (glibc, `elf/dl-load.c`). */
import type { Case } from "../case.ts";
import { withDynamicValue } from "../elf.ts";
import { directory, fails, hardLinkTo, type Kit, linkTo, starts } from "../kit.ts";

const absent = (library: string) =>
  fails(
    `error while loading shared libraries: ${library}: cannot open shared object file: No such file or directory`,
  );

/** Its path as the loader prints it: the first of the default directories, which a merged /usr has behind a link. */
const found = ({ machine }: Kit) => `/lib/${machine.triplet}/libhello.so.1`;

/** Everything about one library that a program needs. */
export async function libraryCases(kit: Kit): Promise<readonly Case[]> {
  const { lib, one } = kit;
  const hello = await kit.library({ soname: "libhello.so.1", defines: ["hello"] });
  const app = await kit.dynamic({ needed: ["libhello.so.1"], calls: ["hello"] });
  const base = { "srv/app": app, [`${lib}/libhello.so.1`]: hello };
  const fresh = {
    "etc/ld.so.conf": "/opt/lib\n",
    "etc/ld.so.cache": await kit.loaderCache({ "opt/lib/libhello.so.1": hello }, ["/opt/lib"]),
  };
  return [
    one("a library in a default directory, no cache of it", [base], starts),
    one("a library in /usr/lib", [{ "srv/app": app, "usr/lib/libhello.so.1": hello }], starts),
    one(
      "a needed library without a name, which is the program itself",
      [{ "srv/app": withDynamicValue(await kit.dynamic({ needed: ["a", "libc.so.6"] }), 1, 0) }],
      starts,
    ),
    one("a library that is nowhere", [{ "srv/app": app }], absent("libhello.so.1")),
    one(
      "a library deleted by a later layer",
      [base, { [`${lib}/.wh.libhello.so.1`]: "" }],
      absent("libhello.so.1"),
    ),
    one(
      "a library deleted and laid down again",
      [base, { [`${lib}/.wh.libhello.so.1`]: "" }, { [`${lib}/libhello.so.1`]: hello }],
      starts,
    ),
    one(
      "a library that only the cache knows",
      [{ "srv/app": app, "opt/lib/libhello.so.1": hello, ...fresh }],
      starts,
    ),
    one(
      "a library in a directory that only ld.so.conf names",
      [{ "srv/app": app, "opt/lib/libhello.so.1": hello, "etc/ld.so.conf": "/opt/lib\n" }],
      absent("libhello.so.1"),
    ),
    one(
      "a library in /usr/local/lib before ldconfig has run",
      [{ "srv/app": app, "usr/local/lib/libhello.so.1": hello }],
      absent("libhello.so.1"),
    ),
    one(
      "a cache that names a library that is gone",
      [{ "srv/app": app, ...fresh }],
      absent("libhello.so.1"),
    ),
    one(
      "a cache that names a library that is gone, another in a default directory",
      [{ ...base, ...fresh }],
      starts,
    ),
    one(
      "no cache at all, all in default directories",
      [base, { "etc/.wh.ld.so.cache": "" }],
      starts,
    ),
    one(
      "no cache at all, the library in the cache's directory only",
      [{ "srv/app": app, "opt/lib/libhello.so.1": hello, ...fresh }, { "etc/.wh.ld.so.cache": "" }],
      absent("libhello.so.1"),
    ),
    one("an empty cache", [{ ...base, "etc/ld.so.cache": "" }], starts),
    one(
      "a cache that is no cache",
      [{ ...base, "etc/ld.so.cache": "nothing".repeat(100) }],
      starts,
    ),
    one(
      "a symbolic link to a library",
      [
        {
          "srv/app": app,
          [`${lib}/libhello.so.1`]: linkTo("libhello.so.1.0.0"),
          [`${lib}/libhello.so.1.0.0`]: hello,
        },
      ],
      starts,
    ),
    one(
      "a dangling link for a library",
      [{ "srv/app": app, [`${lib}/libhello.so.1`]: linkTo("libhello.so.1.0.0") }],
      absent("libhello.so.1"),
    ),
    one(
      "a library that is a loop of links",
      [{ "srv/app": app, [`${lib}/libhello.so.1`]: linkTo("libhello.so.1") }],
      fails(
        "error while loading shared libraries: libhello.so.1: cannot open shared object file: Error 40",
      ),
    ),
    one(
      "an absolute link that would lead out of the root",
      [
        {
          "srv/app": app,
          [`${lib}/libhello.so.1`]: linkTo("../../../../../../opt/libhello.so.1"),
          "opt/libhello.so.1": hello,
        },
      ],
      starts,
    ),
    one(
      "a link in the way to a library",
      [
        {
          "srv/app": await kit.dynamic({
            needed: ["libhello.so.1"],
            calls: ["hello"],
            runpath: "/srv/libs",
          }),
          "srv/libs": linkTo("/opt/lib"),
          "opt/lib/libhello.so.1": hello,
        },
      ],
      starts,
    ),
    one(
      "a library that is a directory",
      [{ "srv/app": app, [`${lib}/libhello.so.1`]: directory }],
      fails(`error while loading shared libraries: ${found(kit)}: cannot read file data: Error 21`),
    ),
    one(
      "a library of another name inside",
      [
        {
          "srv/app": app,
          [`${lib}/libhello.so.1`]: await kit.library({
            soname: "libother.so.3",
            defines: ["hello"],
          }),
        },
      ],
      starts,
    ),
    one(
      "a library without a name inside",
      [{ "srv/app": app, [`${lib}/libhello.so.1`]: await kit.library({ defines: ["hello"] }) }],
      starts,
    ),
    one(
      "a library under its next major name",
      [
        {
          "srv/app": app,
          [`${lib}/libhello.so.2`]: await kit.library({
            soname: "libhello.so.2",
            defines: ["hello"],
          }),
        },
      ],
      absent("libhello.so.1"),
    ),
    one(
      "a library that may not be executed",
      [{ ...base, [`${lib}/libhello.so.1`]: { content: hello, mode: 0o644 } }],
      starts,
    ),
    one(
      "a library that the user may not read",
      [{ ...base, [`${lib}/libhello.so.1`]: { content: hello, mode: 0o600 } }],
      absent("libhello.so.1"),
      { config: { User: "nobody" } },
    ),
    one(
      "a hard link to a library",
      [
        {
          "srv/app": app,
          "opt/libhello.so": hello,
          [`${lib}/libhello.so.1`]: hardLinkTo("opt/libhello.so"),
        },
      ],
      starts,
    ),
    one(
      "a hard link to a library of a lower layer",
      [
        { "srv/app": app, "opt/libhello.so": hello },
        { "opt/libhello.so": hello, [`${lib}/libhello.so.1`]: hardLinkTo("opt/libhello.so") },
      ],
      starts,
    ),
    one(
      "a hard link whose first name is deleted",
      [
        {
          "srv/app": app,
          "opt/libhello.so": hello,
          [`${lib}/libhello.so.1`]: hardLinkTo("opt/libhello.so"),
        },
        { "opt/.wh.libhello.so": "" },
      ],
      starts,
    ),
  ];
}
