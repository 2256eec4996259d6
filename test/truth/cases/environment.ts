/** LD_LIBRARY_PATH and LD_PRELOAD in the image's environment, and /etc/ld.so.preload (ld.so(8)). */
import type { Case } from "../case.ts";
import { fails, type Kit, starts } from "../kit.ts";

const absent = (library: string) =>
  fails(
    `error while loading shared libraries: ${library}: cannot open shared object file: No such file or directory`,
  );

const inEnv = (...Env: readonly string[]) => ({ config: { Env } });

export async function environmentCases(kit: Kit): Promise<readonly Case[]> {
  const { lib, one } = kit;
  const hello = await kit.library({ soname: "libhello.so.1", defines: ["hello"] });
  const hollow = await kit.library({ soname: "libhello.so.1", defines: ["other"] });
  const app = async (spec: { rpath?: string; runpath?: string; flags?: readonly string[] } = {}) =>
    await kit.dynamic({
      needed: ["libhello.so.1"],
      calls: ["hello"],
      flags: ["-z", "now"],
      ...spec,
    });
  const beside = { "srv/lib/libhello.so.1": hello };
  const unbound = fails("symbol lookup error: /srv/app: undefined symbol: hello");
  return [
    one(
      "LD_LIBRARY_PATH",
      [{ "srv/app": await app(), ...beside }],
      starts,
      inEnv("LD_LIBRARY_PATH=/srv/lib"),
    ),
    one(
      "LD_LIBRARY_PATH with semicolons",
      [{ "srv/app": await app(), ...beside }],
      starts,
      inEnv("LD_LIBRARY_PATH=/nowhere;/srv/lib"),
    ),
    one(
      "LD_LIBRARY_PATH with $ORIGIN",
      [{ "srv/app": await app(), ...beside }],
      starts,
      inEnv("LD_LIBRARY_PATH=$ORIGIN/lib"),
    ),
    one(
      "LD_LIBRARY_PATH to somewhere else",
      [{ "srv/app": await app(), ...beside }],
      absent("libhello.so.1"),
      inEnv("LD_LIBRARY_PATH=/srv/libs"),
    ),
    one(
      "an empty part of LD_LIBRARY_PATH is the working directory",
      [{ "srv/app": await app(), ...beside }],
      starts,
      { config: { Env: ["LD_LIBRARY_PATH=/nowhere:"], WorkingDir: "/srv/lib" } },
    ),
    one(
      "LD_LIBRARY_PATH comes before RUNPATH",
      [
        {
          "srv/app": await app({ runpath: "/srv/lib" }),
          ...beside,
          "opt/lib/libhello.so.1": hollow,
        },
      ],
      unbound,
      inEnv("LD_LIBRARY_PATH=/opt/lib"),
    ),
    one(
      "RPATH comes before LD_LIBRARY_PATH",
      [{ "srv/app": await app({ rpath: "/srv/lib" }), ...beside, "opt/lib/libhello.so.1": hollow }],
      starts,
      inEnv("LD_LIBRARY_PATH=/opt/lib"),
    ),
    one(
      "LD_LIBRARY_PATH reaches the needs of what is needed",
      [
        {
          "srv/app": await kit.dynamic({ needed: ["libouter.so.1"], calls: ["outer"] }),
          "srv/lib/libouter.so.1": await kit.library({
            soname: "libouter.so.1",
            defines: ["outer"],
            needed: ["libhello.so.1"],
            calls: ["hello"],
          }),
          ...beside,
        },
      ],
      starts,
      inEnv("LD_LIBRARY_PATH=/srv/lib"),
    ),
    one(
      "LD_PRELOAD of what is not there is passed over",
      [{ "srv/app": await app(), [`${lib}/libhello.so.1`]: hello }],
      starts,
      inEnv("LD_PRELOAD=/nowhere/libtrace.so"),
    ),
    one(
      "LD_PRELOAD brings the missing symbol",
      [{ "srv/app": await app(), [`${lib}/libhello.so.1`]: hollow, ...beside }],
      starts,
      inEnv("LD_PRELOAD=/srv/lib/libhello.so.1"),
    ),
    one(
      "/etc/ld.so.preload names what is not there",
      [
        {
          "srv/app": await app(),
          [`${lib}/libhello.so.1`]: hello,
          "etc/ld.so.preload": "/nowhere/libtrace.so\n",
        },
      ],
      starts,
    ),
    one(
      "/etc/ld.so.preload brings the missing symbol",
      [
        {
          "srv/app": await app(),
          [`${lib}/libhello.so.1`]: hollow,
          ...beside,
          "etc/ld.so.preload": "/srv/lib/libhello.so.1\n",
        },
      ],
      starts,
    ),
  ];
}
