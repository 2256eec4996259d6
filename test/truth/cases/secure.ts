/** Programs that run with more rights than their user (ld.so(8), "Secure-execution mode"): the loader trusts less. */
import type { TestFile } from "../../image/image.ts";
import type { Case } from "../case.ts";
import { fails, type Kit, starts } from "../kit.ts";

const absent = fails(
  "error while loading shared libraries: libhello.so.1: cannot open shared object file: No such file or directory",
);

/** CAP_NET_BIND_SERVICE, permitted and effective (capabilities(7), "File capability"; `struct vfs_cap_data`, revision 2). */
const capability = Buffer.from("0100000200040000000000000000000000000000", "hex").toString(
  "latin1",
);

const setuid = (content: Uint8Array): TestFile => ({ content, mode: 0o4755 });
const nobody = (...Env: readonly string[]) => ({ config: { User: "nobody", Env } });

export async function secureCases(kit: Kit): Promise<readonly Case[]> {
  const { one, lib } = kit;
  const hello = await kit.library({ soname: "libhello.so.1", defines: ["hello"] });
  const app = async (runpath?: string) =>
    await kit.dynamic({
      needed: ["libhello.so.1"],
      calls: ["hello"],
      ...(runpath === undefined ? {} : { runpath }),
    });
  const beside = { "srv/lib/libhello.so.1": hello };
  const origin = await app("$ORIGIN/lib");
  return [
    one(
      "set-user-id with $ORIGIN, as its owner",
      [{ "srv/app": setuid(origin), ...beside }],
      starts,
    ),
    one(
      "set-user-id with $ORIGIN, as somebody else",
      [{ "srv/app": setuid(origin), ...beside }],
      absent,
      nobody(),
    ),
    one(
      "set-group-id with $ORIGIN, as somebody else",
      [{ "srv/app": { content: origin, mode: 0o2755 }, ...beside }],
      absent,
      nobody(),
    ),
    one(
      "set-user-id with $ORIGIN that leads to a default directory",
      [
        {
          "usr/bin/app": setuid(await app(`$ORIGIN/../lib/${kit.machine.triplet}`)),
          [`${lib}/libhello.so.1`]: hello,
        },
      ],
      starts,
      { config: { ...nobody().config, Entrypoint: ["/usr/bin/app"] } },
    ),
    one(
      "set-user-id with an absolute RUNPATH, as somebody else",
      [{ "srv/app": setuid(await app("/srv/lib")), ...beside }],
      starts,
      nobody(),
    ),
    one(
      "set-user-id with LD_LIBRARY_PATH, as somebody else",
      [{ "srv/app": setuid(await app()), ...beside }],
      absent,
      nobody("LD_LIBRARY_PATH=/srv/lib"),
    ),
    one(
      "set-user-id with LD_LIBRARY_PATH, as its owner",
      [{ "srv/app": setuid(await app()), ...beside }],
      starts,
      { config: { Env: ["LD_LIBRARY_PATH=/srv/lib"] } },
    ),
    one(
      "set-user-id of somebody else, as root, with LD_LIBRARY_PATH",
      [{ "srv/app": { ...setuid(await app()), uid: 1000 }, ...beside }],
      absent,
      { config: { Env: ["LD_LIBRARY_PATH=/srv/lib"] } },
    ),
    one(
      "a file capability with $ORIGIN, as somebody",
      [
        {
          "srv/app": { content: origin, pax: { "SCHILY.xattr.security.capability": capability } },
          ...beside,
        },
      ],
      absent,
      nobody(),
    ),
    one(
      "a file capability with $ORIGIN, as root",
      [
        {
          "srv/app": { content: origin, pax: { "SCHILY.xattr.security.capability": capability } },
          ...beside,
        },
      ],
      starts,
    ),
    one(
      "a set-user-id script is an ordinary script",
      [{ "srv/app": { content: "#!/bin/sh\necho ready\n", mode: 0o4755 } }],
      starts,
      nobody(),
    ),
  ];
}
