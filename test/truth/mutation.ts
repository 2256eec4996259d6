/**
 * Random damage to a small image, for the property that no verdict is wrong: what verify proves starts, and what it refutes does
 * not. An image has one program to start (dynamic, static or a script); damage is done only to what that program stands on, because
 * a verdict is of the whole image, and the judge starts only one program of it.
 */
import fc from "fast-check";
import type { Case, CaseConfig } from "./case.ts";
import { field, patched } from "./elf.ts";
import {
  type Change,
  type Content,
  damage,
  type Part,
  type Replacement,
  type Subject,
} from "./damage.ts";
import { type Kit, linkTo, starts } from "./kit.ts";
import { others } from "./machine.ts";

export interface Mutation {
  readonly start: number;
  readonly changes: readonly Change[];
}

const file = fc.nat(100);
const fraction = fc.nat(9_999).map((n) => n / 10_000);

const variables = [
  "LD_LIBRARY_PATH=/srv/lib",
  "LD_LIBRARY_PATH=/opt/foreign",
  "LD_LIBRARY_PATH=/nowhere:/opt/foreign:/srv/lib",
  "LD_LIBRARY_PATH=",
  "LD_LIBRARY_PATH=:",
  "LD_PRELOAD=/srv/lib/libinner.so.1",
  "LD_PRELOAD=libnowhere.so",
  "LD_BIND_NOW=1",
  "PATH=/usr/bin:/bin",
  "PATH=/nowhere",
  "PATH=",
];

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ do: fc.constant("delete" as const), file }),
  fc.record({
    do: fc.constant("replace" as const),
    file,
    by: fc.constantFrom<Replacement>(
      "nothing",
      "text",
      "directory",
      "dangling",
      "loop",
      "same class",
      "other class",
      "another",
    ),
  }),
  fc.record({
    do: fc.constant("rename" as const),
    file,
    suffix: fc.constantFrom(".bak", ".0", "x"),
  }),
  fc.record({ do: fc.constant("cut" as const), file, at: fraction }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("flip" as const),
      file,
      part: fc.constantFrom<Part>("header", "segments", "dynamic"),
      at: fraction,
      bit: fc.nat(7),
    }),
  },
  fc.record({
    do: fc.constant("mode" as const),
    file,
    mode: fc.constantFrom(0o755, 0o644, 0o600, 0o700, 0o111, 0o4755, 0o000),
  }),
  fc.record({ do: fc.constant("environment" as const), variable: fc.constantFrom(...variables) }),
  fc.constant({ do: "user" as const }),
  fc.record({
    do: fc.constant("directory" as const),
    path: fc.constantFrom("/srv/lib", "/nowhere", "/"),
  }),
);

/** That many images' damage; the same seed gives the same. */
export function mutations(seed: number, count: number): readonly Mutation[] {
  const one = fc.record({
    start: fc.nat(100),
    changes: fc.array(change, { minLength: 1, maxLength: 3, size: "max" }),
  });
  return fc.sample(one, { seed, numRuns: count });
}

/** The image before any damage. It starts, however it is started. */
export async function mutationSubject(kit: Kit): Promise<Subject> {
  const { lib, machine } = kit;
  const inner = {
    soname: "libinner.so.1",
    defines: ["inner"],
    variables: ["count"],
    relocates: true,
  };
  const { cross } = others[machine.debian];
  const files = {
    "srv/app": await kit.dynamic({
      needed: ["libouter.so.1", "libc.so.6"],
      calls: ["outer"],
      runpath: "$ORIGIN/lib",
    }),
    "srv/lib/libouter.so.1": await kit.library({
      soname: "libouter.so.1",
      defines: ["outer"],
      needed: ["libinner.so.1", "libc.so.6"],
      calls: ["inner", "getpid"],
      uses: "count",
      runpath: "$ORIGIN",
    }),
    "srv/lib/libinner.so.1": await kit.library(inner),
    "srv/static": await kit.program({}),
    "srv/script": "#!/bin/sh\necho ready\n",
  };
  const loader = [
    `${lib}/libc.so.6`,
    `${lib}/${machine.glibc.slice(machine.glibc.lastIndexOf("/") + 1)}`,
  ];
  const libraries = ["srv/app", "srv/lib/libouter.so.1", "srv/lib/libinner.so.1"];
  const dash = ["usr/bin/dash", "usr/bin/sh"];
  const cache = "etc/ld.so.cache";
  const dynamic = { own: libraries, system: [...loader, cache] };
  const system = [...loader, ...dash, cache].map(
    async (name) => [name, await kit.file("debian", name)] as const,
  );
  return {
    files,
    system: Object.fromEntries(await Promise.all(system)),
    // No emulator is registered for RISC-V.
    foreign: [
      patched(await kit.library(inner), field.machine, 243, 0),
      await kit.other(cross).library(inner),
    ],
    starts: [
      { ...dynamic, config: { Entrypoint: ["/srv/app"] } },
      { ...dynamic, config: { Entrypoint: ["./app"], WorkingDir: "/srv" } },
      {
        ...dynamic,
        config: { Entrypoint: ["app"] },
        files: { "usr/local/bin/app": linkTo("/srv/app") },
      },
      { own: ["srv/static"], system: [], config: { Entrypoint: ["/srv/static"] } },
      {
        own: ["srv/script"],
        system: [...loader, ...dash],
        config: { Entrypoint: ["/srv/script"] },
      },
    ],
  };
}

/** The damaged image as a case. Whether it starts is what the judge is asked. */
export function mutated(kit: Kit, subject: Subject, mutation: Mutation): Case {
  const start = subject.starts[mutation.start % subject.starts.length];
  if (start === undefined) throw new RangeError("there is no way to start it");
  const upper = new Map<string, Content>();
  for (const one of mutation.changes) damage(upper, one, { subject, start });
  const foreign = { "opt/foreign/libinner.so.1": subject.foreign[0] ?? "" };
  const layers = [{ ...subject.files, ...start.files, ...foreign }, Object.fromEntries(upper)];
  const config = configured(start.config, mutation.changes);
  const name = `${config.Entrypoint?.join(" ") ?? ""} ${JSON.stringify(mutation)}`;
  const anyWords = mutation.changes.some((one) => isOfAnyWords(one, start));
  return kit.one(name, layers, starts, { config, anyWords });
}

/**
 * Whether nobody can say which words will be printed. A library in a script's place does not stand on the shell any more, whose own
 * damage is found all the same.
 */
function isOfAnyWords(one: Change, { own }: Subject["starts"][number]): boolean {
  if (one.do === "flip" || one.do === "cut") return true;
  if (one.do !== "replace") return false;
  return one.by === "another" || (own.includes("srv/script") && one.by.endsWith(" class"));
}

function configured(config: CaseConfig, changes: readonly Change[]): CaseConfig {
  const Env = changes.flatMap((one) => (one.do === "environment" ? [one.variable] : []));
  const at = changes.find((one) => one.do === "directory");
  return {
    ...(at === undefined ? {} : { WorkingDir: at.path }),
    ...(changes.some((one) => one.do === "user") ? { User: "nobody" } : {}),
    ...config,
    Env,
  };
}
