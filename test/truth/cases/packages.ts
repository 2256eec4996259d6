/** Debian's own programs as they are, and with one thing taken away. */
import type { Case } from "../case.ts";
import { fails, type Files, type Kit } from "../kit.ts";
import type { Base } from "../material.ts";

interface Program {
  readonly base: Base;
  readonly argv: readonly [string, ...string[]];
  readonly prints: string;
  /** Libraries that it loads, also through others. */
  readonly libraries: readonly string[];
}

const programs: readonly Program[] = [
  {
    base: "debian",
    argv: ["/bin/dash", "-c", "echo ready"],
    prints: "ready",
    libraries: ["libc.so.6"],
  },
  {
    base: "debian",
    argv: ["busybox", "echo", "ready"],
    prints: "ready",
    libraries: ["libresolv.so.2"],
  },
  {
    base: "debian",
    argv: ["ls", "/etc"],
    prints: "passwd",
    libraries: ["libselinux.so.1", "libpcre2-8.so.0"],
  },
  {
    base: "debian",
    argv: ["/usr/bin/sort", "/etc/group"],
    prints: "nogroup",
    libraries: [],
  },
  {
    base: "daemons",
    argv: ["redis-server", "--version"],
    prints: "Redis server",
    libraries: ["libjemalloc.so.2", "libgcrypt.so.20", "libstdc++.so.6"],
  },
  {
    base: "daemons",
    argv: ["lighttpd", "-v"],
    prints: "lighttpd/",
    libraries: ["libpcre2-8.so.0", "libnettle.so.8"],
  },
  {
    base: "python",
    argv: ["python3", "-c", "print('ready')"],
    prints: "ready",
    libraries: ["libexpat.so.1", "libz.so.1"],
  },
];

export async function packageCases(kit: Kit): Promise<readonly Case[]> {
  return programs.flatMap(({ base, argv, prints, libraries }) => {
    const name = argv[0].slice(argv[0].lastIndexOf("/") + 1);
    const one = (what: string, layers: readonly Files[], truth: Case["truth"]) =>
      kit.one(`${name}${what}`, layers, truth, { base, config: { Entrypoint: argv } });
    const cases = [one("", [], { prints })];
    for (const library of libraries) {
      const without = one(
        ` without ${library}`,
        [{ [`${kit.lib}/.wh.${library}`]: "" }],
        fails(
          `${argv[0]}: error while loading shared libraries: ${library}: cannot open shared object file: No such file or directory`,
        ),
      );
      cases.push(without);
    }
    return cases;
  });
}
