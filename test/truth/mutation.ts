/**
 * Random damage to a small image, for the property that no verdict is wrong: what verify proves starts, and what it refutes does
 * not. An image has one program to start (dynamic, static or a script); damage is done only to what that program stands on, because
 * a verdict is of the whole image, and the judge starts only one program of it.
 */
import fc from "fast-check";
import type { Case, CaseConfig } from "./case.ts";
import { field, patched } from "./elf.ts";
import { directory, type Files, type Kit, linkTo, starts } from "./kit.ts";
import { others } from "./machine.ts";

type Content = Files[string];

/** The whole image, and what each kind of start stands on. */
interface Subject {
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly starts: readonly Start[];
  /** What takes a library's place. */
  readonly foreign: readonly Uint8Array[];
}

interface Start {
  readonly config: CaseConfig;
  readonly files?: Files;
  /** Own files, which are damaged in every way; and the system's, which are only taken away or replaced. */
  readonly own: readonly string[];
  readonly system: readonly string[];
}

/** One change, as it is printed when a verdict is wrong. */
export type Change =
  | { readonly do: "delete"; readonly file: number }
  | { readonly do: "replace"; readonly file: number; readonly by: Replacement }
  | { readonly do: "rename"; readonly file: number; readonly suffix: string }
  | { readonly do: "cut"; readonly file: number; readonly at: number }
  | {
      readonly do: "flip";
      readonly file: number;
      readonly part: Part;
      readonly at: number;
      readonly bit: number;
    }
  | { readonly do: "mode"; readonly file: number; readonly mode: number }
  | { readonly do: "environment"; readonly variable: string }
  | { readonly do: "user" }
  | { readonly do: "directory"; readonly path: string };

type Replacement =
  | "nothing"
  | "text"
  | "directory"
  | "dangling"
  | "loop"
  | "same class"
  | "other class"
  | "another";
type Part = "header" | "segments" | "dynamic";

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
  const dynamic = { own: libraries, system: [...loader, "etc/ld.so.cache"] };
  return {
    files,
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
        system: [...loader, "usr/bin/dash", "usr/bin/sh"],
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
  const anyWords = mutation.changes.some(
    (one) =>
      one.do === "flip" || one.do === "cut" || (one.do === "replace" && one.by === "another"),
  );
  return kit.one(name, layers, starts, { config, anyWords });
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

/** Does one change to the upper layer: a file there hides the lower one, a whiteout takes it away. */
function damage(
  upper: Map<string, Content>,
  one: Change,
  { subject, start }: { readonly subject: Subject; readonly start: Start },
): void {
  if (one.do === "environment" || one.do === "user" || one.do === "directory") return;
  const all = [...start.own, ...start.own, ...start.system];
  const name = all[one.file % all.length] ?? "";
  const whiteout = name.replace(/[^/]+$/, ".wh.$&");
  const bytes = upper.has(whiteout) ? undefined : bytesOf(upper.get(name) ?? subject.files[name]);
  if (one.do === "delete" || (one.do === "rename" && bytes !== undefined)) {
    upper.delete(name);
    upper.set(whiteout, "");
    if (one.do === "rename" && bytes !== undefined) upper.set(`${name}${one.suffix}`, bytes);
    return;
  }
  const content = changed(one, bytes, subject);
  if (content === undefined) return;
  upper.delete(whiteout);
  upper.set(name, content);
}

/** What stands in the file's place; nothing where the file is not at hand (the system's own). */
function changed(
  one: Exclude<Change, { readonly do: "environment" | "user" | "directory" }>,
  bytes: Uint8Array | undefined,
  subject: Subject,
): Content | undefined {
  if (one.do === "replace") return replacement(one.by, subject);
  if (bytes === undefined) return undefined;
  switch (one.do) {
    case "cut":
      return bytes.subarray(0, Math.floor(one.at * judgeable(bytes)));
    case "flip":
      return flipped(bytes, one);
    case "mode":
      return { content: bytes, mode: one.mode };
    case "delete":
    case "rename":
      return undefined;
  }
}

function bytesOf(content: Content | undefined): Uint8Array | undefined {
  if (content === undefined || content instanceof Uint8Array) return content;
  if (typeof content === "string") return Buffer.from(content);
  const { content: inner } = content;
  return inner === undefined ? undefined : bytesOf(inner);
}

function replacement(by: Replacement, { foreign, files }: Subject): Content {
  switch (by) {
    case "nothing":
      return "";
    case "text":
      return "nothing that anybody could load\n".repeat(40);
    case "directory":
      return directory;
    case "dangling":
      return linkTo("nowhere");
    case "loop":
      return linkTo("../srv/../srv/loop");
    case "same class":
      return foreign[0] ?? "";
    case "other class":
      return foreign[1] ?? "";
    case "another":
      return files["srv/lib/libinner.so.1"] ?? "";
  }
}

function flipped(
  bytes: Uint8Array,
  { part, at, bit }: { readonly part: Part; readonly at: number; readonly bit: number },
): Uint8Array {
  const places = placesOf(bytes, part);
  const offset = places[Math.floor(at * places.length)] ?? 0;
  const copy = Uint8Array.from(bytes);
  copy[offset] = (copy[offset] ?? 0) ^ (1 << bit);
  return copy;
}

/**
 * The bytes of that part of a 64-bit little-endian ELF file that say how it is loaded. The entry point is left out: of two
 * addresses in the code nobody can say from outside which is the right one. A script has its first line.
 */
function placesOf(bytes: Uint8Array, part: Part): readonly number[] {
  if (bytes[0] !== 0x7f || bytes.length < 64) return range(0, judgeable(bytes));
  if (part === "header") return [...range(0, 24), ...range(32, 64)];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [at, count] = [Number(view.getBigUint64(32, true)), view.getUint16(56, true)];
  const headers = range(0, count)
    .map((n) => at + n * 56)
    .filter((one) => one + 56 <= bytes.length);
  if (part === "segments") return headers.flatMap((one) => range(one, one + 56));
  const dynamic = headers.find((one) => view.getUint32(one, true) === 2);
  if (dynamic === undefined) return range(0, 24);
  const from = Number(view.getBigUint64(dynamic + 8, true));
  const length = Number(view.getBigUint64(dynamic + 32, true));
  return range(from, Math.min(bytes.length, from + length));
}

/** How many bytes of a file say how it is started: of a script only its first line, the rest is for its interpreter. */
function judgeable(bytes: Uint8Array): number {
  return bytes[0] === 0x7f ? bytes.length : Math.min(bytes.length, "#!/bin/sh".length);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n);
}
